"""The templates of pages, and the one style sheet of them all."""
