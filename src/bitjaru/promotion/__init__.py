"""Promotion: what a model must show before it becomes the champion, one check a file."""
