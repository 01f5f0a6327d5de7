import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from reporting.runs import failed, killed, run

from bitjaru.drawing.fonts import families
from bitjaru.drawing.labels import apart
from bitjaru.drawing.rules import steps
from bitjaru.outcome import Outcome
from bitjaru.reporting import plots
from bitjaru.reporting.roc import roc

HISTORY = {
    "train_loss": [0.42, 0.33, 0.28],
    "valid_loss": [0.36, 0.34, 0.35],
    "train_accuracy": [0.82, 0.87, 0.89],
    "valid_accuracy": [0.84, 0.8542, 0.85],
}
CONFUSION = np.array([[18_210, 3_310], [3_105, 18_521]], np.int32)
LENGTHS = np.random.default_rng(1).gamma(2, 8, 5_000).astype(np.int64) + 3


def a_roc() -> Figure:
    generator = np.random.default_rng(2)
    targets = generator.integers(0, 2, 2_000).astype(np.int32)
    curve = roc(targets, targets + generator.normal(0, 1, 2_000))
    assert curve is not None
    return plots.roc({"긍정": curve}, part="test")


def runs(count: int) -> list[Outcome]:
    curves = np.random.default_rng(3).random((count, 3))
    names = ("lstm", "gru", "simplernn")
    return [
        run(names[number % 3], f"max_len={40 + number}", number=number, history={"valid_accuracy": curve.tolist()})
        for number, curve in enumerate(curves)
    ]


def many(count: int) -> Figure:
    return plots.validation_curves(runs(count), metric="accuracy", direction="maximize")


def costs(count: int) -> Figure:
    timed = [
        replace(outcome, objective=0.7 + number % 7 / 40, epoch_seconds=1.5 ** (number % 9))
        for number, outcome in enumerate(runs(count))
    ]
    return plots.against_seconds(timed, objective="accuracy", direction="maximize")


PICTURES: dict[str, tuple[Callable[[], Figure], tuple[int, int] | None]] = {
    "curves": (lambda: plots.curves(HISTORY, best_epoch=2), (860, 330)),
    "confusion": (lambda: plots.confusion(CONFUSION, ["부정", "긍정"], part="test"), (349, 355)),
    "roc": (a_roc, (440, 410)),
    "classes": (lambda: plots.classes({"train": (600, 500), "test": (60, 50)}, ["부정", "긍정"]), (440, 340)),
    "lengths": (lambda: plots.lengths(LENGTHS, max_len=40), (660, 340)),
    "few runs": (lambda: many(3), None),
    "many runs": (lambda: many(40), None),
    "costs": (lambda: costs(40), None),
}


def words(drawn: Figure) -> list[str]:
    """Every text that is not empty."""
    return [text.get_text() for text in drawn.findobj(Text) if isinstance(text, Text) and text.get_text()]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_written_whole_and_in_its_size(name: str, tmp_path: Path) -> None:
    draw, size = PICTURES[name]
    # A letter that no font has warns, and a warning fails this test.
    plots.save(draw(), tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as picture:
        picture.load()
        assert size is None or picture.size == size
        assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 50
    assert [file.name for file in tmp_path.iterdir()] == ["picture.png"]


def test_korean_letters_have_a_font_of_their_own() -> None:
    assert families()[0] == "NanumGothic"


def test_every_text_lies_within_the_picture() -> None:
    for name, (draw, _) in PICTURES.items():
        drawn = draw()
        drawn.canvas.draw()
        width, height = drawn.canvas.get_width_height()
        for text in drawn.findobj(Text):
            if isinstance(text, Text) and text.get_text():
                box = text.get_window_extent()
                assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0, (name, text.get_text())


def test_drawing_changes_no_setting_and_needs_no_pyplot() -> None:
    before = dict(mpl.rcParams)
    many(3)
    assert dict(mpl.rcParams) == before
    program = "import sys, bitjaru.reporting.plots; print({'matplotlib.pyplot', 'keras', 'scipy'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_pictures_can_be_drawn_in_threads(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda path: plots.save(plots.curves(HISTORY, best_epoch=2), path), paths))
    assert len({path.read_bytes() for path in paths}) == 1


def test_curves_name_the_best_epoch_and_both_parts() -> None:
    found = words(plots.curves(HISTORY, best_epoch=2))
    assert {"loss", "accuracy", "train", "valid", "best epoch 2: 0.3400", "best epoch 2: 0.8542"} <= set(found)


def test_curves_take_whatever_a_history_holds(tmp_path: Path) -> None:
    histories: list[dict[str, list[float]]] = [
        {},
        {"train_loss": [0.5]},
        {"train_loss": [float("nan"), float("inf")], "valid_loss": []},
        {"train_loss": [0.0] * 200, "seconds": [1.0] * 200},
    ]
    for history in histories:
        plots.save(plots.curves(history, best_epoch=1), tmp_path / "curves.png")


def test_a_confusion_matrix_has_counts_and_shares_of_the_true_class() -> None:
    found = words(plots.confusion(CONFUSION, ["부정", "긍정"], part="test"))
    assert {"18,210\n84.6 %", "3,310\n15.4 %", "3,105\n14.4 %", "18,521\n85.6 %", "accuracy 0.8513"} <= set(found)
    assert "–" in words(plots.confusion(np.zeros((2, 2), np.int32), ["a", "b"]))[-1]


def test_class_bars_have_counts_and_percentages() -> None:
    found = words(plots.classes({"train": (3, 1), "valid": (0, 2)}, ["부정", "긍정"]))
    assert {"3\n75.0 %", "1\n25.0 %", "0\n0.0 %", "2\n100.0 %", "train", "valid", "부정", "긍정"} <= set(found)


def test_lengths_name_mean_median_and_the_cut() -> None:
    found = words(plots.lengths(np.array([2, 4, 4, 50]), max_len=10))
    assert {"mean 15.0", "median 4", "max_len 10 (25.0 % longer)"} <= set(found)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=50), st.integers(1, 5_000))
def test_lengths_take_any_lengths(lengths: list[int], max_len: int) -> None:
    assert words(plots.lengths(np.array(lengths), max_len=max_len))[0] == "length · train"


def test_few_runs_are_named_by_what_differs() -> None:
    found = words(many(3))
    assert sum("max_len=41" in word for word in found) == 1
    assert "3 runs, named by their best epoch" in found


def test_many_runs_are_grouped_by_architecture() -> None:
    found = [word for word in words(many(40)) if "best of" in word]
    assert sorted(word.split("  ")[1] for word in found) == [
        "gru, best of 13",
        "lstm, best of 14",
        "simplernn, best of 13",
    ]


def test_of_many_runs_one_that_is_far_out_does_not_squeeze_the_others() -> None:
    usual, bad = runs(40), run("lstm", number=40, history={"valid_accuracy": [-9.0, 0.5, 0.6]})
    drawn = plots.validation_curves([*usual, bad], metric="accuracy", direction="maximize")
    low, high = drawn.axes[0].get_ylim()
    assert -1 < low < high < 2
    assert "41 runs, named by their best epoch; 1 leaves the picture" in words(drawn)
    few = plots.validation_curves([*usual[:3], bad], metric="accuracy", direction="maximize")
    assert few.axes[0].get_ylim()[0] < -9


def test_runs_without_a_validation_part_show_their_training() -> None:
    trained = replace(run(), history={"train_accuracy": [0.8, 0.9]})
    found = words(plots.validation_curves([trained, failed(1)], metric="accuracy", direction="maximize"))
    assert "train accuracy" in found
    assert "0.9000  lstm" in found


def test_no_runs_still_make_a_picture(tmp_path: Path) -> None:
    plots.save(plots.validation_curves([], metric="loss", direction="minimize"), tmp_path / "none.png")
    plots.save(plots.against_seconds([], objective="loss", direction="minimize"), tmp_path / "no_costs.png")


def test_costs_name_the_best_of_each_architecture_with_the_seconds_of_all_its_epochs() -> None:
    slow = replace(run("lstm", objective=0.86), epoch_seconds=100.0)  # 3 epochs
    quick = replace(run("average", objective=0.84), epoch_seconds=2.0)
    worse = replace(run("lstm", objective=0.85), epoch_seconds=50.0)
    others = [failed(3), killed(4, "gru"), run("cnn", objective=None)]
    drawn = plots.against_seconds([quick, slow, worse, *others], objective="accuracy", direction="maximize")
    found = words(drawn)
    assert [word for word in found if word.startswith("0.8") and "," in word] == [
        "0.8600  lstm, 5 min 00 s",
        "0.8400  average, 6.0 s",
    ]
    assert "3 runs, named by the best of each" in found
    front = [line for line in drawn.axes[0].lines if line.get_linestyle() != "None"]
    assert [np.asarray(line.get_xdata()).tolist() for line in front] == [[6.0, 150.0, 300.0]]


def test_the_lower_loss_is_the_better_one_against_seconds() -> None:
    losses = [replace(run("lstm", objective=0.4), epoch_seconds=1.0), run("lstm", objective=0.3)]
    found = words(plots.against_seconds(losses, objective="loss", direction="minimize"))
    assert "0.3000  lstm, 22 s" in found


@given(st.lists(st.floats(0, 1), max_size=14))
def test_names_are_moved_apart_in_order_and_stay_inside(places: list[float]) -> None:
    moved = apart(places, gap=0.07, low=0, high=1)
    order = np.argsort(places, kind="stable")
    steps_between = np.diff(np.array(moved)[order])
    assert all(0 <= place <= 1 for place in moved)
    assert np.all(steps_between >= 0.07 - 1e-9)


def test_names_that_are_apart_stay_where_they_are() -> None:
    assert apart([0.9, 0.1, 0.5], gap=0.1, low=0, high=1) == [0.9, 0.1, 0.5]


@given(st.floats(-1e3, 1e3), st.floats(1e-6, 1e3))
def test_marks_are_round_few_and_inside(low: float, span: float) -> None:
    marks = steps(low, low + span)
    assert len(marks) <= 7
    assert all(low - 1e-6 <= place <= low + span + 1e-6 for place, _ in marks)
    assert len({mark for _, mark in marks}) == len(marks)


def test_epochs_are_whole_numbers() -> None:
    assert steps(1, 1, whole=True) == [(1.0, "1")]
    assert [mark for _, mark in steps(1, 5, whole=True)] == ["1", "2", "3", "4", "5"]
    assert [mark for _, mark in steps(0.8, 0.86)] == ["0.80", "0.81", "0.82", "0.83", "0.84", "0.85", "0.86"]
