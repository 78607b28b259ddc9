"""Journeys: the steps that an instance comes to."""
