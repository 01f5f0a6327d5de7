"""Reaching MLflow: a database file of our own, or a server that may be away."""
