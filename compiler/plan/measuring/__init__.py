"""The parts of a plan from which is computed what came of a campaign."""
