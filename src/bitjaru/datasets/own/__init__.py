"""Reviews of one's own in a file of almost any kind: read, looked into, split."""
