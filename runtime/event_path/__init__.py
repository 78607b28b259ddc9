"""The parts of the event path: `..engine` puts them together."""
