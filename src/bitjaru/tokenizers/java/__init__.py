"""A Java virtual machine beside this process, for analysers that are written in Java."""
