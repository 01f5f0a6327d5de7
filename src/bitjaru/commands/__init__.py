"""The commands of `bitjaru` that use a trained model, one family a file."""
