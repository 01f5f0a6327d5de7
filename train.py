"""One run, a grid or a search: `python train.py --help` shows the options, `bitjaru ui` the results."""

from bitjaru.commands.train import main

if __name__ == "__main__":
    main(__file__)
