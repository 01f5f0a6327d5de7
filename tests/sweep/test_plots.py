"""The pictures of a study."""

import pytest
from matplotlib.figure import Figure

from bitjaru.sweep.plots import NAMED, drop_long_legends


@pytest.mark.parametrize(("entries", "kept"), [(NAMED, True), (NAMED + 1, False)])
def test_a_legend_stays_while_it_can_be_read(entries: int, kept: bool) -> None:
    figure = Figure()
    axes = figure.add_subplot()
    for number in range(entries):
        axes.plot([0, 1], [number, number], label=f"Trial{number}")
    axes.legend()
    drop_long_legends(figure)
    assert (axes.get_legend() is not None) == kept
