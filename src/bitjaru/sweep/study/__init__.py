"""A search's memory: where it is stored, what it is by its content, how far it is, what it leaves."""
