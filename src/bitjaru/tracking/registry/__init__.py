"""Versions of a model: candidates, aliases, and who was champion when."""
