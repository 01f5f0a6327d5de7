"""A trained model as a thing: its files, its answers and their reasons, its golden set, its card."""
