"""Commands for the store itself: its runs listed, compared, deleted, and the studies in a browser."""
