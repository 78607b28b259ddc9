"""The parts of SQL that one dialect alone needs."""
