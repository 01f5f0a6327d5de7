"""Pictures of one run, of its data, and of many runs.

Importing this package imports Matplotlib, which takes longer than drawing everything here: import it late, or in a
thread while the model trains. Every function returns a figure that belongs to nobody else; `save` writes it.
"""

from bitjaru.drawing.figure import save
from bitjaru.reporting.plots.against_milliseconds import against_milliseconds
from bitjaru.reporting.plots.against_seconds import against_seconds
from bitjaru.reporting.plots.classification import confusion, roc
from bitjaru.reporting.plots.corpus import classes, lengths
from bitjaru.reporting.plots.curves import curves
from bitjaru.reporting.plots.validation_curves import validation_curves

__all__ = [
    "against_milliseconds",
    "against_seconds",
    "classes",
    "confusion",
    "curves",
    "lengths",
    "roc",
    "save",
    "validation_curves",
]
