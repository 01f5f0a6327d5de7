"""Where trials run: in this process, in workers, by a launcher; what they say, and how they fail."""
