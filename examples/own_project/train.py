from bitjaru.commands.train import main

main(__file__)
