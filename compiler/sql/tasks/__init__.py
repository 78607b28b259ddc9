"""Tasks: the events that do them. Meaning: `runtime.decide.tasks`. All of it is in `doing`."""
