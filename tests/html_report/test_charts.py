"""Charts are well-formed SVG that shows what it is given, whatever the words in it."""

import re
from xml.etree import ElementTree as Xml

import pytest

from bitjaru.html_report.charts import intervals, lines, parallel, scatter
from bitjaru.html_report.scales import Axes, Scale
from bitjaru.html_report.svg import mark

NASTY = '<b>"가&나"</b>'
AXES = Axes("seconds", "accuracy", log=True)


def drawn(svg: str) -> Xml.Element:
    return Xml.fromstring(svg)


@pytest.mark.parametrize(
    "svg",
    [
        intervals([(NASTY, 0.1, -0.1, 0.3)], label=NASTY, zero=True, alt=NASTY),
        lines({NASTY: [(1, 0.5), (2, 0.6)]}, AXES, order=[NASTY], alt=NASTY),
        scatter({NASTY: [(1, 0.5, NASTY)]}, AXES, order=[NASTY], alt=NASTY),
        parallel([NASTY, "b"], [(0.5, [0.0, None])], [(NASTY, "1"), ("0", "1")], alt=NASTY),
    ],
)
def test_every_chart_is_well_formed_and_says_what_it_shows(svg: str) -> None:
    root = drawn(svg)
    assert root.get("aria-label") == NASTY
    assert NASTY in {element.text for element in root.iter()}


def test_a_better_interval_stands_further_to_the_right() -> None:
    root = drawn(intervals([("a", 0.2, 0.1, 0.3), ("b", 0.4, 0.3, 0.5)], label="x", zero=False, alt="x"))
    first, second = (float(circle.get("cx", 0)) for circle in root.iter("circle"))
    ends = [float(line.get("x2", 0)) for line in root.iter("line") if line.get("class") == "interval"]
    assert first < second
    assert first < ends[0] < ends[1]


def test_a_name_keeps_its_colour_from_chart_to_chart() -> None:
    order = ["gru", "lstm", "cnn"]
    one = lines({"cnn": [(1, 0.5), (2, 0.6)]}, AXES, order=order, alt="x")
    other = scatter({"lstm": [(1, 0.5, "")], "cnn": [(2, 0.6, "")]}, AXES, order=order, alt="x")
    assert set(re.findall(r'class="line (s\d)', one)) == {"s2"}
    assert set(re.findall(r'class="(c\d)"', other)) == {"c1", "c2"}


def test_no_two_of_two_dozen_names_look_alike() -> None:
    marks = [mark(0, 0, number) for number in range(24)]
    assert len(set(marks)) == 24


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("values", [[0.5], [0.5, 0.5], [0.001, 5000.0], [0.81, 0.82]])
def test_ticks_are_within_and_the_ends_are_the_ends(values: list[float], log: bool) -> None:
    scale = Scale.over(values, 0, 100, log=log)
    assert scale(scale.low) == pytest.approx(0, abs=1e-6)
    assert scale(scale.high) == pytest.approx(100)
    assert all(scale.low <= tick <= scale.high for tick in scale.ticks())
    assert len(scale.ticks()) <= 12


def test_a_short_span_of_ratios_has_more_than_one_tick() -> None:
    assert Scale.over([12.2, 33.5], 0, 400, log=True).ticks() == [20, 30, 40]


def test_what_is_counted_has_only_whole_ticks() -> None:
    root = drawn(lines({"a": [(1, 0.5), (2, 0.6)]}, Axes("epoch", "y", whole=True), order=["a"], alt="x"))
    ticks = [element.text for element in root.iter("text") if element.get("class") == "tick"]
    assert ticks == ["1", "2"]
