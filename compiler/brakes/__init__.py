"""Brakes of campaigns: from the clause `pause when` to the plan."""
