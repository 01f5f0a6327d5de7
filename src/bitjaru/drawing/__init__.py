"""How every picture looks, whoever draws it: sizes, colours, type, scales and labels. Imports Matplotlib: late."""
