"""Rendering: fill in the templates of messages, and check forbidden phrases and lengths.

Imports go one way: `templates` ← `messages`.
"""
