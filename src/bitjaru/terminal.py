"""What a person sees while something takes long: a bar in a terminal or notebook, else now and then a line."""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from html import escape
from importlib import import_module
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS, BAR_SECONDS = 10.0, 0.2
log = logging.getLogger(__name__)


def console() -> Console:
    """Returns a console on standard output as it is now; colours appear only in a terminal that has them.

    Brackets are brackets: what is printed are commands and figures, and `[negative,positive]` is no style.
    """
    return Console(file=sys.stdout, soft_wrap=not sys.stdout.isatty(), markup=False)


@contextmanager
def progress(description: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows how far long work has come.

    Args:
        description: What is done, as in `Tokenizing 200,000 reviews`.
        total: How many units make it complete.

    Yields:
        A function that takes how many more units are done.
    """
    show = _notebook_bar if in_notebook() else _bar if sys.stderr.isatty() else _lines
    with show(description, total) as advance:
        yield advance


def in_notebook() -> bool:
    """Tells whether a notebook shows what this process says."""
    return Console().is_jupyter


@contextmanager
def _notebook_bar(description: str, total: int) -> Iterator[Callable[[int], None]]:
    """The bar of HTML itself: the widgets that rich would draw with are not in every notebook."""
    jupyter = import_module("IPython.display")  # no dependency: who runs a notebook has it
    place, done, drawn = _place(import_module("IPython").get_ipython().execution_count), 0, 0.0

    def advance(units: int) -> None:
        nonlocal done, drawn
        done += units
        if time.monotonic() - drawn >= BAR_SECONDS:
            drawn = time.monotonic()
            bar = f'<progress value="{done}" max="{max(total, 1)}"></progress> {done:,}/{total:,}'
            place.update(jupyter.HTML(f"{escape(description)} {bar}"))

    yield advance
    place.update(jupyter.HTML(""))


@cache
def _place(cell: int) -> Any:  # noqa: ARG001 - one for each cell that is run
    jupyter = import_module("IPython.display")
    return jupyter.display(jupyter.HTML(""), display_id=True)


@contextmanager
def _bar(description: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda units: bar.advance(task, units)


@contextmanager
def _lines(description: str, total: int) -> Iterator[Callable[[int], None]]:
    done, said = 0, time.monotonic()

    def advance(units: int) -> None:
        nonlocal done, said
        done += units
        if time.monotonic() - said >= LINE_SECONDS:
            said = time.monotonic()
            log.info("%s: %s of %s (%d %%)", description, f"{done:,}", f"{total:,}", 100 * done // max(total, 1))

    yield advance


class EpochLines:
    """A listener that prints one line an epoch: its figures, and how long the rest will take at most.

    Args:
        epochs: At most.
    """

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._seconds = 0.0
        self._heard = 0

    def __call__(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Prints the line of an epoch."""
        self._seconds += metrics["seconds"]
        self._heard += 1
        figures = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items() if name != "seconds")
        remaining = self._seconds / self._heard * (self._epochs - epoch)
        log.info(
            "Epoch %d/%d  %s  %.1f s, at most %.0f s left", epoch, self._epochs, figures, metrics["seconds"], remaining
        )
