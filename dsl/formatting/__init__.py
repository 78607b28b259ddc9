"""From the tree to its one written form: what is said, how it is laid out, where comments go."""
