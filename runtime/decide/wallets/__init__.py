"""Wallets that fire campaigns: the amounts that are waited for, and who evaluates what they fire.

Imports go one way: `reached` alone.
"""
