"""Whole files: every row comes out, bad ones with a reason, whatever stands in them."""

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.errors import DataError
from bitjaru.models.files import file_answers
from bitjaru.models.files.file_answers import answer_file
from bitjaru.tasks import Answer


def predict(texts: Sequence[str]) -> list[Answer]:
    """Answers with the length of each text."""
    return [Answer("긍정" if text else "부정", len(text) / 1000, not text) for text in texts]


def answered(tmp_path: Path, content: bytes, *, name: str = "in.csv", column: str = "text") -> list[dict[str, str]]:
    source, target = tmp_path / name, tmp_path / "out.csv"
    source.write_bytes(content)
    answer_file(source, target, predict, column=column, separator=None)
    return list(csv.DictReader(io.StringIO(target.read_bytes().decode(), newline="")))


def test_every_column_stays_and_the_answer_is_added(tmp_path: Path) -> None:
    (row,) = answered(tmp_path, "id,text,label\n7,재미있다,1\n".encode())
    assert row == {
        "id": "7",
        "text": "재미있다",
        "label": "1",
        "predicted_label": "긍정",
        "predicted_probability": "0.004000",
        "no_known_token": "false",
        "reason": "",
    }


def test_a_byte_order_mark_quotes_and_line_ends_are_read_as_they_are_meant(tmp_path: Path) -> None:
    rows = answered(tmp_path, '\ufefftext\r\n"a ""b"", c"\r\n"two\r\nlines"\r\n\r\nlast'.encode())
    assert [row["text"] for row in rows] == ['a "b", c', "two\r\nlines", "last"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"2,\xff\xfe", "line 3: bytes that are no UTF-8"),
        (b"2", "line 3: 1 cells instead of 2"),
        (b"2,b,c", "line 3: 3 cells instead of 2"),
    ],
)
def test_a_bad_row_is_kept_with_its_line_and_the_others_are_answered(tmp_path: Path, line: bytes, reason: str) -> None:
    rows = answered(tmp_path, b"id,text\n1,a\n" + line + b"\n3,c\n")
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert (rows[1]["predicted_label"], rows[1]["reason"]) == ("", reason)
    assert [rows[0]["reason"], rows[2]["reason"]] == ["", ""]


@pytest.mark.parametrize("end", ["b\n3,c\n", "b", ""])
def test_a_quote_that_is_never_closed_is_named_with_its_line(tmp_path: Path, end: str) -> None:
    rows = answered(tmp_path, f'id,text\n1,a\n2,"{end}'.encode())
    assert (len(rows), rows[1]["reason"]) == (2, "line 3: a quote is opened and never closed")


def test_tabs_and_gzip_are_known_by_the_name(tmp_path: Path) -> None:
    content = gzip.compress("id\ttext\n1\t좋다, 참\n".encode())
    assert answered(tmp_path, content, name="in.txt.gz")[0]["text"] == "좋다, 참"


def test_an_empty_text_is_answered_and_flagged(tmp_path: Path) -> None:
    (row,) = answered(tmp_path, b"id,text\n1,\n")
    assert (row["predicted_label"], row["no_known_token"]) == ("부정", "true")


def test_answers_of_an_earlier_time_are_replaced(tmp_path: Path) -> None:
    first = answered(tmp_path, b"text\na\n")
    again = answered(tmp_path, (tmp_path / "out.csv").read_bytes(), name="again.csv")
    assert again == first


def test_more_rows_than_a_batch_keep_their_order(tmp_path: Path) -> None:
    number = 2 * file_answers.BATCH + 5
    rows = answered(tmp_path, b"text\n" + b"".join(b"%d\n" % row for row in range(number)))
    assert [row["text"] for row in rows] == [str(row) for row in range(number)]


def test_a_cell_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    rows = answered(tmp_path, b"text\n" + b"x" * (5 << 20) + b"\nlast\n")
    assert "line 2: field larger than field limit" in rows[0]["reason"]
    assert rows[-1]["text"] == "last"


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\xff,b\n"])
def test_a_missing_column_is_named_with_those_that_exist(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"`--column` must name a column"):
        answered(tmp_path, content)
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_breaks_off_is_named_and_leaves_no_half_answer(tmp_path: Path) -> None:
    packed = gzip.compress(b"text\n" + b"".join(b"%d\n" % row for row in range(50_000)))
    with pytest.raises(DataError, match="must be whole"):
        answered(tmp_path, packed[: len(packed) // 2], name="in.csv.gz")
    assert not (tmp_path / "out.csv").exists()


def test_a_file_is_not_written_over_itself(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\na\n")
    with pytest.raises(DataError, match="another file"):
        answer_file(tmp_path / "in.csv", tmp_path / "in.csv", predict, column="text", separator=None)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=8))
def test_whatever_pythons_own_writer_wrote_comes_back_row_by_row(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["id", "text"], *table])
    rows = answered(tmp_path_factory.mktemp("table"), written.getvalue().encode())
    assert [[row["id"], row["text"]] for row in rows] == table


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_or_lose_an_answer(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    for row in answered(tmp_path_factory.mktemp("bytes"), b"text,id\n" + content):
        assert bool(row["predicted_label"]) != bool(row["reason"])
