"""Mistakes in what is asked of a campaign afterwards."""
