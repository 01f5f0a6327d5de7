"""`import bitjaru` in a notebook or program: the functions that the commands call, with results to look at."""
