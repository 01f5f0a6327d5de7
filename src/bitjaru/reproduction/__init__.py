"""TODO reproduction."""
