"""One command a file. Each is imported only when it is used, and imports what it needs by then."""
