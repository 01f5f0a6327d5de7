"""Files of one's own reviews: every kind is read alike, and what is not clear is refused in words."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.commands.data import data
from bitjaru.configuration import build_part, compose_config
from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.datasets.own.columns import Rule, classes_of, names_of
from bitjaru.datasets.own.frames import Source
from bitjaru.datasets.own.inspection import inspect, language_of
from bitjaru.datasets.own.parts import digests, grouped, plain, repeated, stratified
from bitjaru.errors import BitjaruError, ConfigError, DataError
from bitjaru.preparation import own_reviews
from bitjaru.preparation.own_reviews import completed

GOOD, BAD = "정말 재미있는 영화였다, 또 본다", "시간이 아까운 영화였다"
TABLE = pd.DataFrame(
    {
        "id": [f"r{number}" for number in range(40)],
        "document": [f"{GOOD if number % 2 else BAD} {number}" for number in range(40)],
        "label": ["1" if number % 2 else "0" for number in range(40)],
    }
)


def save_to_disk(table: pd.DataFrame, folder: Path) -> None:
    folder.mkdir()
    whole = pa.Table.from_pandas(table, preserve_index=False)
    with (
        pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as file,
        pa.ipc.new_stream(file, whole.schema) as stream,
    ):
        stream.write_table(whole)
    (folder / "state.json").write_text("{}")


WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "a.csv": lambda table, path: table.to_csv(path, index=False),
    "bom.csv": lambda table, path: table.to_csv(path, index=False, encoding="utf-8-sig"),
    "semicolons.csv": lambda table, path: table.to_csv(path, index=False, sep=";"),
    "a.tsv": lambda table, path: table.to_csv(path, index=False, sep="\t"),
    "a.csv.gz": lambda table, path: table.to_csv(path, index=False),
    "a.csv.zip": lambda table, path: table.to_csv(path, index=False),
    "a.tsv.xz": lambda table, path: table.to_csv(path, index=False, sep="\t"),
    "a.parquet": lambda table, path: table.to_parquet(path),
    "a.jsonl": lambda table, path: table.to_json(path, orient="records", lines=True, force_ascii=False),
    "list.json": lambda table, path: table.to_json(path, orient="records", force_ascii=False),
    "index.csv": lambda table, path: table.to_csv(path),
    "a.xlsx": lambda table, path: table.to_excel(path, index=False),
    "folder": save_to_disk,
}


def loaded(path: Path, *overrides: str) -> Corpus:
    config = compose_config(completed(["dataset=file", f"dataset.path={path}", *overrides]))
    corpus: Corpus = build_part(config, "dataset").load()
    return corpus


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_reviews(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](TABLE, path)
    corpus = loaded(path, "tokenizer=whitespace")
    assert (corpus.language, corpus.classes, corpus.licence) == ("ko", ("negative", "positive"), "unknown")
    assert {part: len(each) for part, each in corpus.splits.items()} == {"train": 28, "valid": 4, "test": 8}
    every = {
        text: label for _, each in corpus.splits.items() for text, label in zip(each.texts, each.labels, strict=True)
    }
    assert every == dict(zip(TABLE["document"], TABLE["label"].astype(int), strict=True))


def test_a_file_without_a_header_has_numbered_columns(tmp_path: Path) -> None:
    path = tmp_path / "plain.tsv"
    path.write_text("".join(f"{5 if number % 2 else 1}\t{GOOD}{number}\n" for number in range(20)), encoding="utf-8")
    found = inspect(Source(path, "utf-8", None), {})
    assert (found.text_column, found.label_column, found.values) == ("2", "1", ("1", "5"))


def test_a_first_line_whose_words_stand_again_below_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text(
        "".join(f"{GOOD[:6]} {number},{'bad' if number % 2 else 'good'}\n" for number in range(20)), "utf-8"
    )
    found = inspect(Source(path, "utf-8", None), {})
    assert (len(found.texts), found.label_column, found.values) == (20, "2", ("bad", "good"))


def test_rows_without_a_label_are_left_out_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "holes.csv"
    TABLE.assign(label=[value if row % 10 else "" for row, value in enumerate(TABLE["label"])]).to_csv(
        path, index=False
    )
    with caplog.at_level("INFO"):
        corpus = loaded(path, "tokenizer=whitespace")
    assert (corpus.classes, sum(len(each) for _, each in corpus.splits.items())) == (("negative", "positive"), 36)
    assert "4 reviews without a label are left out" in caplog.text


def test_cp949_is_read_where_it_is_asked_for_and_named_where_not(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    TABLE.to_csv(path, index=False, encoding="cp949")
    with pytest.raises(DataError, match=r"must be utf-8.*dataset\.encoding=cp949"):
        loaded(path, "tokenizer=whitespace")
    assert len(loaded(path, "tokenizer=whitespace", "dataset.encoding=cp949").splits.train) == 28
    path.write_bytes(TABLE.to_csv(index=False).encode() + "나쁘다".encode("cp949"))
    with pytest.raises(DataError, match=r"must be utf-8 throughout.*line 42 is not\. As CP949.*for line 2:"):
        loaded(path, "tokenizer=whitespace")
    TABLE.to_csv(path, index=False, encoding="utf-16")
    with pytest.raises(DataError, match=r"dataset\.encoding=utf-16"):
        loaded(path, "tokenizer=whitespace")
    TABLE.to_csv(path, index=False)
    with pytest.raises(DataError, match=r"must be cp949 throughout.*leave `dataset\.encoding` out"):
        loaded(path, "tokenizer=whitespace", "dataset.encoding=cp949")
    with pytest.raises(ConfigError, match=r"one that Python knows.*Received: utf9"):
        loaded(path, "tokenizer=whitespace", "dataset.encoding=utf9")


def test_figures_become_classes_or_two_by_a_rule(tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    table = TABLE.assign(stars=[number % 5 + 1 for number in range(40)]).drop(columns="label")
    table.to_csv(path, index=False)
    assert loaded(path, "tokenizer=whitespace").classes == ("1", "2", "3", "4", "5")
    two = loaded(path, "tokenizer=whitespace", "dataset.rule='stars > 3'", "dataset.leave_out=[3]")
    assert two.classes == ("negative", "positive")
    assert sum(len(each) for _, each in two.splits.items()) == 32
    assert two.dropped == {"empty, without a label or left out": 8}


def test_files_of_their_own_are_the_other_parts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    TABLE.to_csv(tmp_path / "train.csv", index=False)
    TABLE[:10].to_csv(tmp_path / "test.csv", index=False)
    corpus = loaded(tmp_path / "train.csv", "tokenizer=whitespace", f"dataset.test_path={tmp_path}/test.csv")
    assert {part: len(each) for part, each in corpus.splits.items()} == {"train": 36, "valid": 4, "test": 10}
    assert "texts of the test part stand in the training part too" in caplog.text


def test_two_files_of_one_name_are_both_counted(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        TABLE.to_csv(tmp_path / part / "reviews.csv", index=False)
    corpus = loaded(
        tmp_path / "train" / "reviews.csv", "tokenizer=whitespace", f"dataset.test_path={tmp_path}/test/reviews.csv"
    )
    assert sum(corpus.read.values()) == 80


def test_a_group_stands_in_one_part_only(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    table = TABLE.assign(writer=[f"w{number // 4}" for number in range(40)])
    table.to_csv(path, index=False)
    corpus = loaded(path, "tokenizer=whitespace", "dataset.group_column=writer", "dataset.label_column=label")
    writer = dict(zip(table["document"], table["writer"], strict=True))
    groups = [{writer[text] for text in each.texts} for _, each in corpus.splits.items()]
    assert sum(map(len, groups)) == len(set().union(*groups)) == 10


def test_parts_have_every_class_in_like_shares() -> None:
    labels = np.array([0] * 80 + [1] * 15 + [2] * 5, np.int32)
    staying, aside = stratified(labels, 0.2, seed=1, names=("a", "b", "c"))
    assert np.bincount(labels[aside]).tolist() == [16, 3, 1]
    assert sorted([*staying, *aside]) == list(range(100))
    with pytest.raises(DataError, match=r"rows for two parts\. Received: 1 of 'b'"):
        stratified(np.array([0, 0, 1], np.int32), 0.2, seed=1, names=("a", "b"))
    with pytest.raises(DataError, match="two groups at least"):
        grouped(["one"] * 5, 0.2, seed=1)


CLEAR = "id,document,label\n"
BAD_FILES = {
    "empty.csv": ("", "an empty file"),
    "no_rows.csv": (CLEAR, "the names of columns and no row"),
    "one_class.csv": (
        CLEAR + "".join(f"{n},{GOOD.replace(',', '')},1\n" for n in range(9)),
        "'label', must have 2 to 100 different values. Received: 1, '1' in every row",
    ),
    "single.csv": (
        CLEAR + "".join(f"{n},글 {n},1\n" for n in range(9)) + "9,글,0\n",
        r"needs 3 reviews.*Received: 1 of '0'.*leave_out=\[0\]",
    ),
    "many.csv": (CLEAR + "".join(f"{n},리뷰 {n},{n}\n" for n in range(5_000)), "Received: 5,000, such as"),
    "two_texts.csv": (
        "title,story,label\n" + "".join(f"긴 제목 {n},긴 이야기 {n},{n % 2}\n" for n in range(9)),
        "columns that could be it: story, title|title, story",
    ),
    "two_labels.csv": (
        "text,useful,liked\n" + "".join(f"리뷰 {n},{n % 2},{n % 3}\n" for n in range(30)),
        "could be it: useful, liked",
    ),
    "no_label.csv": ("text,id\n" + "".join(f"리뷰 {n},a{n}\n" for n in range(300)), r"id \(300 values\)"),
    "what.txt": ("text;label,grade\n" + "글;1,2\n" * 9, "a comma|a semicolon"),
    "words.pdf": ("x", "whose name ends with one of"),
    "broken.parquet": ("no parquet", "must be what its name says"),
    "text_as_label.csv": (
        CLEAR + "".join(f"{n},리뷰 {n},{n % 2}\n" for n in range(20)) + f"20,1,{GOOD.replace(',', '') * 4}\n",
        r"A class must be a short name.*1 of 21 rows.*wrong column",
    ),
    "swapped.csv": (
        "label,text\n" + "".join(f"{BAD * 2} {n},{n % 2}\n" for n in range(300)),
        "Received: 300, such as.*look like reviews: name the columns",
    ),
    "open_quote.csv": (CLEAR + "".join(f"{n},글 {n},{n % 2}\n" for n in range(300)) + '300,"글,1\n', "never closed"),
    "uneven.csv": (
        "text,label\n" + "나쁘다,0\n좋고, 좋다,1\n" * 9,
        "a comma makes 2 columns of line 1 and 3 of line 3",
    ),
    "one_column.csv": ("리뷰\n" + "글\n" * 9, "no comma, tab, semicolon or bar in its first line"),
    "no_text.csv": (CLEAR + "".join(f"{n},,{n % 2}\n" for n in range(9)), "9 rows without text in 'document'"),
    "broken.jsonl": ("{no json", "must be what its name says"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_not_clear_is_refused_with_what_was_found(name: str, tmp_path: Path) -> None:
    text, told = BAD_FILES[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BitjaruError, match=told):
        loaded(path, "tokenizer=whitespace")


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (["text_column=number", "label_column=label"], "'number', must hold reviews. Received: 40 of 40 rows without"),
        (["text_column=label", "label_column=label"], "must stand in two columns. Received: 'label' for both"),
    ],
)
def test_a_column_that_is_named_for_the_reviews_holds_texts(columns: list[str], told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    TABLE.assign(number=range(40)).to_csv(path, index=False)
    with pytest.raises(DataError, match=told):
        loaded(path, "tokenizer=whitespace", *(f"dataset.{each}" for each in columns))


def test_a_label_that_is_none_of_the_classes_is_named_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    TABLE.to_csv(path, index=False)
    with pytest.raises(DataError, match=r"A label must be one of 0, 2. Received: '1' in row 2 of a\.csv"):
        loaded(path, "tokenizer=whitespace", "dataset.values=[0,2]", "dataset.classes=[bad,good]")
    with pytest.raises(DataError, match="which does not exist"):
        loaded(tmp_path / "nothing.csv")
    with pytest.raises(DataError, match=r"must have the column 'grade'\. Received: id, document, label"):
        loaded(path, "dataset.label_column=grade")


def test_classes_stand_in_the_order_that_people_expect() -> None:
    assert classes_of(["pos", "neg", "pos"]) == ("neg", "pos")
    assert names_of(("neg", "pos")) == ("negative", "positive")
    assert classes_of(["10", "9", "1"]) == ("1", "9", "10")
    assert names_of(("1", "9", "10")) == ("1", "9", "10")
    assert names_of(("1.0", "2.0", "5.0")) == ("1", "2", "5")
    assert names_of(("1.0", "2.5")) == ("1.0", "2.5")
    assert Rule.parse("stars >= 4").label("4") == "positive"
    with pytest.raises(DataError, match="must compare a figure"):
        Rule.parse("stars are many")


@pytest.mark.parametrize(
    ("text", "language"),
    [("정말 good 영화", "ko"), ("a fine film", "en"), ("とても良い映画", "ja"), ("очень хорошо", "ru")],
)
def test_the_language_is_told_by_its_script(text: str, language: str) -> None:
    assert language_of([text]) == language


@pytest.mark.parametrize(
    "value",
    ["1", "01", "1.0", "1e3", "true", "a b", 'say "x"', "나쁨", "-1", "yes", "x_1", "a,b", "a\\b", 'a\\"', "end\\"],
)
def test_a_class_is_read_back_as_it_stands_in_the_file(value: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    TABLE.assign(label=[value if number % 2 else "other" for number in range(40)]).to_csv(path, index=False)
    assert set(loaded(path, "tokenizer=whitespace").classes) == {value, "other"}


def test_what_a_command_says_is_not_added_again(tmp_path: Path) -> None:
    path = tmp_path / "english.csv.gz"
    rows = "".join(f"a truly fine film {n},{'pos' if n % 3 else 'neg'}\n" for n in range(60))
    path.write_bytes(gzip.compress(("review,sentiment\n" + rows).encode()))
    whole = completed(["dataset=file", f"dataset.path={path}", "max_len=7", "architecture=gru"])
    keys = [each.partition("=")[0] for each in whole]
    assert len(keys) == len(set(keys))
    assert {"max_len=7", "tokenizer=words", "ngrams.of=words", "dataset.classes=[negative,positive]"} <= set(whole)
    assert list(compose_config(whole).task.classes) == ["negative", "positive"]


def several_splits(folder: Path) -> Path:
    folder.mkdir()
    for name, rows in (("train", TABLE[:30]), ("validation", TABLE[30:35]), ("test", TABLE[35:])):
        save_to_disk(rows, folder / name)
    (folder / "dataset_dict.json").write_text('{"splits": ["train", "validation", "test"]}')
    return folder


def test_a_folder_of_several_splits_has_its_own_parts(tmp_path: Path) -> None:
    corpus = loaded(several_splits(tmp_path / "movies"), "tokenizer=whitespace")
    assert corpus.name == "movies"
    assert {part: len(each) for part, each in corpus.splits.items()} == {"train": 30, "valid": 5, "test": 5}
    assert corpus.splits.test is not None
    assert list(corpus.splits.test.texts) == TABLE["document"][35:].tolist()


def test_a_part_that_is_named_is_not_taken_from_the_folder(tmp_path: Path) -> None:
    folder = several_splits(tmp_path / "movies")
    corpus = loaded(folder, "tokenizer=whitespace", "dataset.test_path=null", "dataset.name=mine")
    assert corpus.name == "mine"
    assert {part: len(each) for part, each in corpus.splits.items()} == {"train": 24, "valid": 5, "test": 6}


def test_a_folder_of_splits_without_a_training_split_is_refused(tmp_path: Path) -> None:
    folder = several_splits(tmp_path / "movies")
    (folder / "train").rename(folder / "all")
    with pytest.raises(DataError, match=r"must have one called train.*all, test, validation"):
        loaded(folder)


def test_a_large_file_says_what_memory_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(own_reviews, "LARGE", 100)
    TABLE.to_csv(tmp_path / "a.csv", index=False)
    with caplog.at_level("INFO"):
        loaded(tmp_path / "a.csv", "tokenizer=whitespace")
    assert "its reviews will be in memory" in caplog.text


def test_looking_into_a_large_file_says_so_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own_reviews, "LARGE", 100)
    TABLE.assign(label="1").to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(DataError, match="'1' in every row"):
        data(tmp_path / "a.csv")
    assert capsys.readouterr().err.count("its reviews will be in memory") == 1


@given(st.lists(st.text("aA ㄱ가.1", max_size=3), max_size=30), st.lists(st.text("aA ㄱ가.1", max_size=3), max_size=30))
def test_texts_that_stand_twice_are_counted_as_by_comparing_them_all(train: list[str], test: list[str]) -> None:
    assert len(np.unique(digests(train))) == len({plain(text) for text in train})
    reviews = [Reviews(texts, np.zeros(len(texts), np.int32)) for texts in (train, test)]
    known = {plain(text) for text in train}
    assert repeated(Splits(reviews[0], None, reviews[1])) == {"test": sum(plain(text) in known for text in test)}


def test_the_printed_command_keeps_its_brackets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TABLE.to_csv(tmp_path / "a.csv", index=False)
    data(tmp_path / "a.csv", ["tokenizer=whitespace"])
    assert "dataset.classes=[negative,positive]" in capsys.readouterr().out
