"""Sums over what one plan decided: by step, outcome and instant."""
