"""Wallets in a run: what arrives in them later, whom they fire, and the journeys that they begin.

Imports go one way: `firings` `journeys` ← `arrivals`.
"""
