"""Trials on the nodes of a Ray cluster: what a node does, what travels, and the sweep's end of it."""
