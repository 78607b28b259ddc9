"""Messages as they are sent: templates filled in, compliance held.

Imports go one way: `templates` ← `messages`.
"""
