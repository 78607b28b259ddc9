"""Tasks: which events of a customer do them. All of it is in `doing`."""
