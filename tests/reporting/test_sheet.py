import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bitjaru.reporting.sheet import LOG_WIDTH, Column, Sheet, csv_text, show

SHEET = Sheet(
    title="nsmc",
    columns=[Column("name", figures=False, breaks=True), Column("rows")],
    rows=[["부정", "75,173"], ["[bold]긍정", "74,827"]],
    notes=["Read: 150,000."],
)


def test_columns_line_up_under_korean_letters_too() -> None:
    lines = SHEET.text().splitlines()
    assert lines == [
        "nsmc",
        "",
        "name          rows",
        "──────────────────",
        "부정        75,173",
        "[bold]긍정  74,827",
        "",
        "Read: 150,000.",
    ]
    assert {cell_len(line) for line in lines[2:6]} == {SHEET.width}


@given(st.integers(20, 80))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    words = Sheet(title="t", columns=SHEET.columns, rows=[["units=64 max_len=40 learning_rate=0.001", "1"]])
    assert max(map(cell_len, words.text(width).splitlines())) <= width


RUNS = Sheet(
    title="runs",
    columns=[Column("id", figures=False), Column("run", figures=False), Column("valid\naccuracy"), Column("took")],
    rows=[["64c774b35c4d4e898be327227b83a700", "긍정", "0.5625\n[0.4409, 0.6771]", "18 s"]],
    notes=["In brackets 95 % intervals."],
)


def test_a_table_that_does_not_fit_is_written_row_below_row_with_nothing_cut() -> None:
    assert RUNS.text(45) == (
        "runs\n\n"
        "64c774b35c4d4e898be327227b83a700\n"
        "  run: 긍정\n"
        "  valid, accuracy: 0.5625 [0.4409, 0.6771]\n"
        "  took: 18 s\n\n"
        "In brackets 95 % intervals.\n"
    )


@given(st.integers(33, 120))
def test_at_any_width_every_cell_is_whole_and_no_line_too_long(width: int) -> None:
    text = RUNS.text(width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text
    for whole in ("64c774b35c4d4e898be327227b83a700", "긍정", "0.5625", "[0.4409, 0.6771]", "18 s"):
        assert whole in " ".join(text.split())


def test_a_file_gets_lines_of_160_unless_a_cell_that_must_be_whole_is_longer() -> None:
    broken = Sheet(title="", columns=[Column("a", figures=False, breaks=True)], rows=[["word " * 300]])
    whole = Sheet(title="", columns=[Column("a", figures=False)], rows=[["0" * 300]])
    for sheet, longest in ((broken, LOG_WIDTH), (whole, 300)):
        file = io.StringIO()
        show(sheet, Console(file=file, width=40))
        assert LOG_WIDTH - 5 <= max(map(len, file.getvalue().splitlines())) <= longest


def test_markdown_escapes_what_would_end_a_cell() -> None:
    sheet = Sheet(title="", columns=[Column("a", figures=False), Column("b")], rows=[["x|y", "1\n2"]])
    assert sheet.markdown() == "| a | b |\n| --- | ---: |\n| x\\|y | 1<br>2 |\n"


def test_a_terminal_gets_its_width_and_a_file_unbroken_lines() -> None:
    wide = Sheet(title="t", columns=[Column("a", figures=False, breaks=True)], rows=[["word " * 30]])
    terminal, file = io.StringIO(), io.StringIO()
    show(wide, Console(file=terminal, force_terminal=True, width=40, color_system=None))
    show(wide, Console(file=file, width=40))
    assert max(map(len, terminal.getvalue().splitlines())) <= 40
    assert max(map(len, file.getvalue().splitlines())) >= 149


def test_csv_has_a_column_for_every_key_of_any_record() -> None:
    written = csv_text([{"job": 0, "units": 64}, {"job": 1, "reason": 'a "b", c\nd'}])
    assert list(csv.DictReader(io.StringIO(written))) == [
        {"job": "0", "units": "64", "reason": ""},
        {"job": "1", "units": "", "reason": 'a "b", c\nd'},
    ]
