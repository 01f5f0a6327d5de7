"""Out of many trained models one that is better than each: which of them, what they cost together, and its run."""
