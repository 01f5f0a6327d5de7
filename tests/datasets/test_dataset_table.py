import csv
import gc
import gzip
import io
import logging
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_datasets import ROWS, complaint, dataset, naver_text, nsmc_text, write_all

from bitjaru.datasets import Dataset
from bitjaru.errors import ConfigError

ALONE = {"test_file": None}


def nsmc(text: str | bytes, folder: Path) -> Dataset:
    """Returns NSMC's option over one training file."""
    file = folder / "reviews.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return dataset("nsmc", ALONE | {"path": str(file)})


def naver(text: str, folder: Path) -> Dataset:
    file = folder / "reviews.txt"
    file.write_text(text, encoding="utf-8")
    return dataset("naver_shopping", {"path": str(file), "validation.fraction": 0.0, "test.fraction": 0.0})


def texts(part: Dataset) -> list[str]:
    return [text for _, reviews in part.load().splits.items() for text in reviews.texts]


def test_empty_documents_are_dropped_and_quotes_are_undone(tmp_path: Path) -> None:
    corpus = nsmc(nsmc_text(20), tmp_path).load()
    assert corpus.read == {"reviews.txt": 20}
    assert corpus.dropped == {"empty": 2}
    assert '정말 "재미" 4' in texts(nsmc(nsmc_text(20), tmp_path))


def test_words_that_pandas_takes_for_missing_values_are_texts(tmp_path: Path) -> None:
    assert "null" in texts(nsmc("id\tdocument\tlabel\n1\tnull\t0\n2\t좋다\t1\n3\t싫다\t0\n", tmp_path))


def test_only_hangul_letters_and_spaces_stay_of_a_naver_review(tmp_path: Path) -> None:
    assert texts(naver("5\t배송 빠름!! ㅋㅋ good 10\n", tmp_path)) == ["배송 빠름 ㅋㅋ  "]


def test_a_rating_above_3_is_positive(tmp_path: Path) -> None:
    corpus = naver("1\t가\n2\t나\n4\t다\n5\t라\n", tmp_path).load()
    assert corpus.splits.train.labels.tolist() == [0, 0, 1, 1]


def test_the_first_rows_are_counted_before_empty_ones_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "reviews.txt"
    file.write_text(naver_text(ROWS), encoding="utf-8")
    corpus = dataset("naver_shopping", {"path": str(file), "rows": 14}).load()
    assert corpus.read == {"reviews.txt": 14}
    assert corpus.dropped == {"empty": 2}


@pytest.mark.parametrize("name", ["nsmc/ratings_train.txt", "nsmc/ratings_train.txt.gz", "ratings_train.txt.gz"])
def test_a_file_is_found_plain_or_packed_in_the_folder_or_its_subfolder(name: str, tmp_path: Path) -> None:
    data = nsmc_text(ROWS).encode()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert dataset("nsmc", ALONE | {"path": str(tmp_path)}).load().read == {"ratings_train.txt": ROWS}


def test_the_path_wins_over_the_folder_of_local_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_DATA", str(write_all(tmp_path / "data")))
    assert nsmc(nsmc_text(20), tmp_path).load().read == {"reviews.txt": 20}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + nsmc_text(20).replace("\n", "\r\n").encode()
    assert texts(nsmc(data, tmp_path)) == texts(nsmc(nsmc_text(20), tmp_path))


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert nsmc(nsmc_text(20) + "\n\n", tmp_path).load().read == {"reviews.txt": 20}


def test_a_table_of_ones_own_needs_no_code(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("stars,body\nbad,싫어요\ngood,좋아요\ngood,최고\nbad,별로\n", encoding="utf-8")
    columns = {"separator": ",", "text_column": "body", "label_column": "stars", "negative": ["bad"]}
    changes = {"path": str(file), "positive": ["good"], "validation.fraction": 0.0}
    corpus = dataset("nsmc", ALONE | columns | changes).load()
    assert dict(zip(corpus.splits.train.texts, corpus.splits.train.labels.tolist(), strict=True)) == {
        "싫어요": 0,
        "좋아요": 1,
        "최고": 1,
        "별로": 0,
    }


def test_a_local_file_that_is_not_the_official_one_is_used_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    corpus = nsmc(nsmc_text(20), tmp_path).load()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert corpus.sha256 in said[0]
    assert "differs from the official file (e03b7d14" in said[0]


def test_an_empty_file(tmp_path: Path) -> None:
    assert "reviews.txt must hold reviews. Received: an empty file." in complaint(nsmc("", tmp_path))


def test_only_a_header(tmp_path: Path) -> None:
    assert "must be left after preparation. Received: 0 rows" in complaint(nsmc("id\tdocument\tlabel\n", tmp_path))


def test_nothing_left_after_cleaning(tmp_path: Path) -> None:
    said = complaint(naver("5\tvery good!\n1\tbad 10\n", tmp_path))
    assert "Received: 2 rows, none of them with text. Check `dataset.text_column` and `dataset.cleaning=hangul`" in said


def test_a_missing_column_lists_those_that_exist(tmp_path: Path) -> None:
    said = complaint(nsmc("id\treview\tlabel\n1\t좋다\t1\n", tmp_path))
    assert "must have the columns document and label. Received: id, review, label." in said


def test_a_column_number_beyond_the_last(tmp_path: Path) -> None:
    assert "must have the columns 2 and 1. Received: 1." in complaint(naver("좋아요\n", tmp_path))


@pytest.mark.parametrize(("label", "shown"), [("3", "'3'"), ("", "''"), ("good", "'good'")])
def test_a_label_outside_the_rule_names_the_line(label: str, shown: str, tmp_path: Path) -> None:
    said = complaint(naver(f"5\t좋아요\n4\t괜찮아요\n{label}\t보통이에요\n", tmp_path))
    assert f"A label must be one of 1, 2, 4, 5. Received: {shown} in line 3 of" in said


def test_a_line_is_counted_where_a_review_has_several(tmp_path: Path) -> None:
    said = complaint(nsmc('id\tdocument\tlabel\n1\t"두\n줄"\t1\n2\t나쁨\t7\n', tmp_path))
    assert "Received: '7' in line 4 of" in said


@pytest.mark.parametrize(("line", "fields"), [("2\t좋다", 2), ("2\t좋다\t1\t1", 4)])
def test_another_number_of_fields_names_the_line(line: str, fields: int, tmp_path: Path) -> None:
    said = complaint(nsmc(f"id\tdocument\tlabel\n1\t좋다\t1\n{line}\n", tmp_path))
    assert f"must have 3 fields. Received: {fields} in line 3." in said


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_quotation_mark_that_is_never_closed(size: int, tmp_path: Path) -> None:
    said = complaint(naver('5\t좋아요\n1\t"나빠요\n' + "1\t별로\n" * size, tmp_path))
    assert "must be closed. Received: " in said
    assert "from line 2 of" in said


def test_bytes_that_are_no_utf_8_name_the_line(tmp_path: Path) -> None:
    data = b"id\tdocument\tlabel\n1\tgood\t1\n2\t" + "나쁨".encode("cp949") + b"\t0\n"
    said = complaint(nsmc(data, tmp_path))
    assert "must be UTF-8. Received: byte 0xb3 in line 3." in said


@pytest.mark.parametrize("damage", [lambda data: data[:60], lambda data: data[:40] + b"?????" + data[45:]])
def test_a_damaged_gz_file(damage: Any, tmp_path: Path) -> None:
    said = complaint(nsmc(damage(gzip.compress(nsmc_text(50).encode())), tmp_path))
    assert "reviews.txt must be a readable file, plain or .gz. Received: " in said


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    said = complaint(dataset("nsmc", {"path": str(tmp_path / "nowhere")}))
    assert "`dataset.path` must name a folder that holds nsmc/ratings_train.txt (plain or .gz)" in said
    assert "nowhere, which does not exist" in said


def test_a_file_that_is_missing_in_the_folder_of_local_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_DATA", str(tmp_path))
    said = complaint(dataset("naver_shopping"))
    assert "`BITJARU_DATA` must name a folder that holds naver_shopping/naver_shopping.txt" in said
    assert "where it is missing. Put the file there, or take `BITJARU_DATA` away" in said


def test_one_file_for_a_data_set_of_two(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text(nsmc_text(20), encoding="utf-8")
    said = complaint(dataset("nsmc", {"path": str(file)}))
    assert "must be a folder that holds nsmc/ratings_train.txt and nsmc/ratings_test.txt" in said
    assert "dataset.test_file=null dataset.test.fraction=0.1" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    part = nsmc(nsmc_text(20), tmp_path)
    (tmp_path / "reviews.txt").chmod(0)
    assert "must be a readable file" in complaint(part)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"test.fraction": 0.1}, "`test.fraction` must be 0 where there is a test file. Received: 0.1"),
        ({"text_column": 2}, "must be two names of a header or two numbers. Received: 2 and 'label'"),
        ({"negative": [0, 1]}, "A label must be `negative` or `positive`. Received: 1 in both"),
        ({"positive": []}, "dataset.positive"),
        ({"rows": 0}, "dataset.rows"),
        ({"path": ""}, "dataset.path"),
        ({"cleaning": "english"}, "dataset.cleaning"),
        ({"validation.fraction": 1.0}, "dataset.validation.fraction"),
        ({"validation.how": "head"}, "dataset.validation.how"),
        ({"train_file.sha256": "abc"}, "dataset.train_file.sha256"),
        ({"train_file.url": "ftp://example.org"}, "dataset.train_file.url"),
        ({"language": "korean"}, "dataset.language"),
        ({"separator": ""}, "dataset.separator"),
        ({"minimum_tokens": 0}, "dataset.minimum_tokens"),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_read(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dataset("nsmc", changes)
    assert said in str(caught.value)
    assert "Received: " in str(caught.value)


def test_records_are_those_that_pandas_reads(tmp_path: Path) -> None:
    rows = [["1", '그는 "아" 했다', "1"], ["2", '"아"', "0"], ["3", 'a"b', "1"], ["4", "두\n줄", "0"], ["5", "'", "1"]]
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows([["id", "document", "label"], *rows])
    raw = text.getvalue() + '6\t"안" 녕\t0\n'  # quotation marks as people write them
    expected = pd.read_csv(io.StringIO(raw), sep="\t", dtype=str, keep_default_na=False)
    assert sorted(texts(nsmc(raw, tmp_path))) == sorted(expected.document)


def test_a_row_that_was_read_leaves_nothing_for_the_collector(tmp_path: Path) -> None:
    table = nsmc(nsmc_text(20_000), tmp_path)
    rounds: list[str] = []

    def count(phase: str, _: dict[str, int]) -> None:
        rounds.append(phase)

    gc.callbacks.append(count)
    try:
        table.load()
    finally:
        gc.callbacks.remove(count)
    assert rounds.count("start") < 20_000 / gc.get_threshold()[0] / 2  # one object a row would make twice as many
