"""Trains with this project's own options beside those of the package."""

from bitjaru.commands.train import main

main(__file__)
