"""Whole files of reviews, answered row by row."""
