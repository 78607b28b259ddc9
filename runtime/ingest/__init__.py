"""Events in: messages of a broker, or lines, become decisions or dead letters.

Imports go one way: `messages` `remembered` ← `from_lines` `kafka` `letters` `nats` ← `reader`
`settings`.
"""
