"""What `bitjaru …` and `train.py --help` do, one command or family of commands a file."""
