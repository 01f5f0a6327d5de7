"""Commands for trained models: ask, serve, promote."""
