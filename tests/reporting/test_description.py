import csv as csv_module
import io

import numpy as np
import pytest
from rich.cells import cell_len

from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.reporting.description import Description, describe
from bitjaru.reporting.description_sheet import csv, sheet

TEXTS = ["좋아요", "a b c", "a b c d", "b a", "d d d d d d", "a"]
LABELS = [1, 1, 0, 1, 0, 0]
GOLDEN = """\
toy · 9 rows read

                          train        valid   test
───────────────────────────────────────────────────
rows                          4            1      1
with too few tokens           1            0      1
kept                          3            1      0
label 부정           1 (33.3 %)  1 (100.0 %)  0 (–)
label 긍정           2 (66.7 %)    0 (0.0 %)  0 (–)
tokens, mean                  3            6      –
tokens, median                3            6      –
tokens, 5 %                 2.1            6      –
tokens, 95 %                3.9            6      –
tokens, 99 %               3.98            6      –
tokens, longest               4            6      –
longer than 3            33.3 %      100.0 %      –
unknown tokens           11.1 %      100.0 %      –

Read: train.txt 7, test.txt 2. Dropped before splitting: 2 empty, 1 twice.
Vocabulary: 5 words of the training part, [PAD] and [OOV] among them.
Data: sha256 abababababab…, licence: CC0 1.0.
"""


def described(texts: list[str], *, classes: tuple[str, ...] = ("부정", "긍정")) -> Description:
    """Rows 0 to 3 for training, 4 for validation, 5 for the test; those of one token are dropped."""
    reviews = Reviews(texts, np.array(LABELS[: len(texts)], np.int32))
    splits = Splits(*(reviews.take(np.arange(*ends)) for ends in ((0, 4), (4, 5), (5, 6))))
    tokens = splits.map(lambda part: Tokens.from_rows(text.split() for text in part.texts))
    long_enough = tokens.map(lambda part: np.flatnonzero(part.lengths > 1))
    kept = splits.zip(long_enough).map(lambda part: part[0].take(part[1]))
    tokens = tokens.zip(long_enough).map(lambda part: part[0].take(part[1]))
    corpus = Corpus(
        name="toy",
        language="ko",
        splits=splits,
        read={"train.txt": 7, "test.txt": 2},
        dropped={"empty": 2, "twice": 1, "unlabelled": 0},
        sha256="ab" * 32,
        source="made up",
        licence="CC0 1.0",
        classes=classes,
    )
    vocabulary = Vocabulary.build(tokens.train, size=5)
    return describe(corpus, kept=kept, tokens=tokens, vocabulary=vocabulary, max_len=3)


def test_rows_labels_lengths_and_words_are_counted_by_part() -> None:
    parts = described(TEXTS).parts
    assert [(part.rows, part.too_few_tokens) for part in parts.values()] == [(3, 1), (1, 0), (0, 1)]
    assert [part.labels for part in parts.values()] == [(1, 2), (1, 0), (0, 0)]
    train = parts["train"]
    assert (train.mean, train.median, train.longest) == (3, 3, 4)
    assert train.percentiles[95] == pytest.approx(3.9)
    assert train.cut == 1
    # The five words of the vocabulary are two specials and a, b, c: only d is unknown.
    assert (train.tokens, train.unknown) == (9, 1)
    assert (parts["valid"].tokens, parts["valid"].unknown) == (6, 6)


def test_a_part_that_lost_all_its_reviews_has_no_lengths() -> None:
    test = described(TEXTS).parts["test"]
    assert (test.mean, test.median, test.longest, test.percentiles) == (None, None, None, {})
    assert "–" in sheet(described(TEXTS)).text()


def test_the_table_fits_80_columns() -> None:
    text = sheet(described(TEXTS)).text(80)
    assert text == GOLDEN
    assert max(map(cell_len, text.splitlines())) <= 80


def test_texts_without_labels_have_no_label_rows() -> None:
    text = sheet(described(TEXTS, classes=())).text()
    assert "label" not in text
    assert "kept" in text


def test_csv_has_one_line_a_part() -> None:
    records = list(csv_module.DictReader(io.StringIO(csv(described(TEXTS)))))
    assert [record["part"] for record in records] == ["train", "valid", "test"]
    assert records[0]["label_긍정"] == "2"
    assert records[2]["tokens_mean"] == ""
