"""Experiments of the plan, and the arm of a customer."""

from __future__ import annotations

from .arms import HASHED, Arm, Experiment, arm_of, asks_arm, bounds, place_of

__all__ = ["HASHED", "Arm", "Experiment", "arm_of", "asks_arm", "bounds", "place_of"]
