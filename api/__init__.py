"""Campaigns as files: a language for marketing campaigns, its compiler, and its runtime."""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
