"""The documents' systems and the question that they ask.

Which runs are missing, and `docs/results.md` from those that there are.
"""
