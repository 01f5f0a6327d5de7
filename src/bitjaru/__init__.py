"""bitjaru sweeps: review-sentiment experiments that are searched, tracked and compared honestly.

Letters in array shapes, the same everywhere:

    N  examples          V  vocabulary size
    B  batch             E  embedding width
    T  tokens an example D  features
    C  classes           O  outputs
"""

__version__ = "0.1.0"
