"""The years of dates in campaigns."""

YEARS = range(102, 9899)
"""From any of these the longest duration stays in the calendar, on the clocks of any zone."""
