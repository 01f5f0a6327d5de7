"""Storms: what a bad night does to a search, its files and its machine. `make storm` lets them rage."""
