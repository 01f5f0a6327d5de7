import csv as csv_module
import io

import pytest
from reporting.runs import TASKS, failed, grid, killed, run
from rich.cells import cell_len
from rich.console import Console

from bitjaru.reporting.comparison import compare
from bitjaru.reporting.comparison_sheet import SHOWN, csv, markdown, sheet, show_comparison

AT_90 = """\
nsmc · sentiment · 103,502 train, 25,876 valid, 43,146 test

rank    architecture              weights                                       per epoch
job     changed                     epoch    valid accuracy     test accuracy       total
─────────────────────────────────────────────────────────────────────────────────────────
1 best  lstm                    4,611,713            0.8542            0.8511       7.2 s
#0      max_len=40 units=128          2/3  [0.8498, 0.8584]  [0.8477, 0.8544]  1 h 02 min
        learning_rate=0.001235

2 tie   gru                     4,611,713            0.8539            0.8511       7.2 s
#1      max_len=40 units=64           2/3  [0.8495, 0.8582]  [0.8477, 0.8544]        45 s

3       simplernn               4,611,713            0.8211            0.8511       7.2 s
#2      max_len=60 units=64           2/3  [0.8164, 0.8257]  [0.8477, 0.8544]        45 s

KILLED  bilstm                  4,611,713            0.7900                 –       7.2 s
#4      max_len=40                    1/1  [0.7850, 0.7949]                          45 s

FAILED  cnn_lstm                        –                 –                 –           –
#3      max_len=3                       –                                          0.00 s

Ranked by valid accuracy, highest first.
tie: may be as good as the best; the 95 % interval of the difference (Newcombe) contains
0. Noise between seeds comes on top.
KILLED (pruned): #4
FAILED (`kernel_size` must be at most the 3 tokens that are left. Received: kernel_size=5.
Set max_len=5 or more.): #3
"""

AT_80 = """\
nsmc · sentiment · 103,502 train, 25,876 valid, 43,146 test

1 best
  job: #0 · architecture: lstm
  changed: max_len=40 units=128 learning_rate=0.001235 · weights: 4,611,713
  best epoch: 2/3 · valid accuracy: 0.8542 [0.8498, 0.8584]
  test accuracy: 0.8511 [0.8477, 0.8544] · per epoch: 7.2 s · total: 1 h 02 min
2 tie
  job: #1 · architecture: gru · changed: max_len=40 units=64
  weights: 4,611,713 · best epoch: 2/3 · valid accuracy: 0.8539 [0.8495, 0.8582]
  test accuracy: 0.8511 [0.8477, 0.8544] · per epoch: 7.2 s · total: 45 s
3
"""

UNBROKEN = """\
nsmc · sentiment · 103,502 train, 25,876 valid, 43,146 test

rank    job  architecture    weights  best epoch           valid accuracy            test accuracy  per epoch  total
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
1 best   #1  lstm          4,611,713         2/3  0.8542 [0.8498, 0.8584]  0.8511 [0.8477, 0.8544]      7.2 s   45 s
2 tie    #0  gru           4,611,713         2/3  0.8530 [0.8486, 0.8573]  0.8511 [0.8477, 0.8544]      7.2 s   45 s
"""


def test_at_90_columns_each_run_takes_several_lines() -> None:
    (group,) = compare(grid(), TASKS)
    assert sheet(group, width=90).text(90) == AT_90


def test_where_a_word_would_be_broken_runs_stand_below_each_other() -> None:
    (group,) = compare(grid(), TASKS)
    assert sheet(group, width=80).text(80).startswith(AT_80)


def test_at_120_columns_a_short_comparison_takes_a_line_a_run() -> None:
    (group,) = compare([run("gru", objective=0.853), run("lstm", number=1)], TASKS)
    assert sheet(group, width=120).text(120).startswith(UNBROKEN)


@pytest.mark.parametrize("width", [80, 100, 120, 160, 200])
def test_no_line_is_wider_than_the_terminal_and_no_figure_is_cut(width: int) -> None:
    (group,) = compare(grid(), TASKS)
    text = sheet(group, width=width).text(width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text
    for figure in ("0.8542", "[0.8498, 0.8584]", "[0.8477, 0.8544]", "4,611,713", "45 s"):
        assert figure in text


@pytest.mark.parametrize("width", [40, 60, 72, 79])
def test_even_a_very_narrow_terminal_gets_whole_lines(width: int) -> None:
    (group,) = compare(grid(), TASKS)
    assert max(map(cell_len, sheet(group, width=width).text(width).splitlines())) <= width


def test_one_run_has_no_changes_and_no_ties_to_tell() -> None:
    (group,) = compare([run(number=None)], TASKS)
    text = sheet(group).text()
    assert "changed" not in text
    assert "tie" not in text
    assert "1 best    –  lstm" in text


def test_without_a_validation_part_the_table_says_that_test_must_not_choose() -> None:
    (group,) = compare([run(objective=None)], TASKS)
    text = sheet(group, width=80).text(80)
    assert "The test part must not choose." in sheet(group).text()
    assert "best" not in text.replace("best epoch", "")
    assert "0.8511" in text


def test_next_word_runs_show_loss_and_perplexity() -> None:
    metrics = {"valid_perplexity": 1.0718, "valid_accuracy": 1.0}
    runs = [run("simplernn", task="next_word", dataset="proverbs", objective=0.0693, metrics=metrics)]
    (group,) = compare(runs, TASKS)
    headings = sheet(group).text().splitlines()[2]
    assert "valid loss  valid perplexity" in headings
    assert "accuracy" not in headings
    assert "0.0693            1.0718" in sheet(group).text()
    assert "valid loss" in sheet(group, width=60).text(60)


def test_a_thousand_runs_show_the_best_and_name_the_rest() -> None:
    runs = [run("lstm", f"seed={number}", number=number, objective=number / 2_000) for number in range(990)]
    runs += [killed(number, "gru", f"seed={number}") for number in range(990, 1_010)]
    (group,) = compare(runs, TASKS)
    shown = sheet(group, width=80)
    assert len(shown.rows) == SHOWN
    assert shown.notes[0] == f"The first {SHOWN} of 1,010 runs; the rest is in the CSV and Markdown files."
    assert shown.notes[-1].endswith("#1000, #1001 and 8 more")
    assert markdown([group]).count("\n| ") == 1_010 + 2


def test_markdown_names_changes_and_reasons() -> None:
    text = markdown(compare(grid(), TASKS))
    row = "| 2 tie | #1 | gru | max_len=40 units=64 | 4,611,713 | 2/3 | 0.8539 [0.8495, 0.8582] |"
    assert row in text
    assert "FAILED (`kernel_size` must be" in text


def test_csv_has_full_figures_and_a_column_for_each_change() -> None:
    records = list(csv_module.DictReader(io.StringIO(csv(compare(grid(), TASKS)))))
    assert [record["job"] for record in records] == ["0", "1", "2", "4", "3"]
    best, tie, *_, last = records
    assert best["optimizer.learning_rate"] == "0.00123456789"
    assert (best["standing"], tie["standing"]) == ("best", "tie")
    assert float(best["valid_accuracy_low"]) == pytest.approx(0.84985, abs=1e-5)
    assert best["run_id"] == "0123456789abcdef"
    assert (last["status"], last["test_accuracy"]) == ("FAILED", "")


def test_every_group_is_printed_to_the_console() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80, color_system=None)
    show_comparison(compare([run(), run(dataset="imdb"), failed(2)], TASKS), console)
    assert "nsmc · sentiment" in written.getvalue()
    assert "imdb · sentiment" in written.getvalue()
    assert max(map(cell_len, written.getvalue().splitlines())) <= 80


def test_a_short_name_is_not_that_of_a_knob_that_all_runs_have_alike() -> None:
    alike = "architecture.dropout=0.2"
    runs = [run("gru", alike, f"architecture.readout.dropout={value}", number=value) for value in (0, 1)]
    (group,) = compare(runs, TASKS)
    assert "readout.dropout=1" in sheet(group).text()
