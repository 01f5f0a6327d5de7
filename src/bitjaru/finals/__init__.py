"""Finals: the best configuration of each architecture, with many seeds, and what can be said of them then."""
