"""Searches: what is tried, where it runs, and what is left of it. The only importer of Optuna."""
