"""TODO java."""
