"""IMDB reviews in the form that Keras publishes: ranks of words, which become words again here."""

import json
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.datasets.holdout import HoldOut
from bitjaru.datasets.object_arrays import Archive, read_archive
from bitjaru.datasets.published import Content, LocalPath, PublishedFile, read_all, sha256_of
from bitjaru.errors import DataError
from bitjaru.options import part

CLASSES = ("negative", "positive")
PARTS = ("train", "test")
MOST_WORDS = 2**24  # a hundred times what is published: one wrong rank must not ask for all memory


@part
class Imdb:
    """The Large Movie Review Dataset (Maas et al. 2011) as `keras.datasets.imdb` holds it.

    The file is sorted by class. It is shuffled as Keras does, so that "the last 20 %" are the same reviews as in
    Keras's own examples. Reviews are lower-case words without punctuation, joined by spaces.

    Attributes:
        name: Of the option.
        language: ISO 639-1 code.
        licence: As the publisher names it.
        path: A local folder with both files; null for `BITJARU_DATA` or a download.
        reviews_file: `imdb.npz`, the ranks of each review's words (1 is the most frequent) and its label.
        words_file: `imdb_word_index.json`, the rank of each word.
        shuffle_seed: Of the order of the rows, training and test; Keras's is 113.
        rows: Takes only the first training rows after shuffling; null takes all. The test part stays whole.
        minimum_tokens: Reviews with fewer tokens are dropped after tokenizing.
        validation: Set aside from the training rows.
    """

    name: str
    language: Annotated[str, Field(pattern="^[a-z]{2}$")]
    licence: str
    path: LocalPath | None
    reviews_file: PublishedFile
    words_file: PublishedFile
    shuffle_seed: Annotated[int, Field(ge=0, lt=2**32)]
    rows: PositiveInt | None
    minimum_tokens: PositiveInt
    validation: HoldOut

    def load(self) -> Corpus:
        """Reads the reviews, turns ranks into words, and splits.

        Raises:
            DataError: If a file is missing or damaged, or nothing is left of it.
        """
        files = (self.reviews_file, self.words_file)
        contents = read_all(files, self.path, advice="Name the folder that they are in.")
        archive = read_archive(contents[0], lists=_names("x"), arrays=_names("y"))
        words = _words(contents[1])
        generator = np.random.RandomState(self.shuffle_seed)  # one for both, as in Keras
        order = {name: _shuffled(contents[0], archive, name, generator) for name in PARTS}
        order["train"] = order["train"][: self.rows]
        kept = {name: _reviews(contents[0], archive, name, rows, words) for name, rows in order.items()}
        staying, valid = self.validation.divide(kept["train"])
        return Corpus(
            name=self.name,
            language=self.language,
            splits=Splits(staying, valid, kept["test"]),
            read={f"x_{name}": len(rows) for name, rows in order.items()},
            dropped={"empty": sum(map(len, order.values())) - sum(map(len, kept.values()))},
            sha256=sha256_of(contents),
            source=", ".join(content.source for content in contents),
            licence=self.licence,
            classes=CLASSES,
        )

    def clean(self, text: str) -> str:
        """Returns what training would have seen of a text: here, all of it."""
        return text


def _names(kind: str) -> list[str]:
    """Returns the names of the arrays of reviews, `x`, or labels, `y`."""
    return [f"{kind}_{part}" for part in PARTS]


def _words(content: Content) -> NDArray[Any]:
    """Returns the word of each rank, an object array; None where the index has none."""
    try:
        index = json.loads(content.text)
        if index and not 0 <= min(index.values()) <= max(index.values()) < MOST_WORDS:
            raise ValueError(f"ranks from {min(index.values())} to {max(index.values())}")
        words = np.full(max(index.values(), default=0) + 1, None, object)
        words[list(index.values())] = list(index)
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        raise DataError(
            f"{content.source} must be a JSON object from words to ranks. Received: {error}. "
            "Replace it by the published file."
        ) from error
    return words


def _shuffled(content: Content, archive: Archive, name: str, generator: np.random.RandomState) -> NDArray[Any]:
    """Returns the row numbers of the training or test part in Keras's order."""
    count, labels = len(archive.lists[f"x_{name}"]), archive.arrays[f"y_{name}"]
    if labels.shape != (count,) or not np.isin(labels, (0, 1)).all():
        raise DataError(
            f"`x_{name}` and `y_{name}` of {content.source} must be as long as each other, and the labels 0 or 1. "
            f"Received: {count} reviews, labels of shape {labels.shape}, {np.unique(labels)[:5].tolist()}. "
            "Replace it by the published file."
        )
    order = np.arange(count)
    generator.shuffle(order)
    return order


def _reviews(content: Content, archive: Archive, name: str, order: NDArray[Any], words: NDArray[Any]) -> Reviews:
    """Returns the reviews at these rows, those without words left out."""
    lists = archive.lists[f"x_{name}"]
    full = order[np.diff(lists.offsets)[order] > 0]
    if not len(full):
        raise DataError(
            f"At least one review of `x_{name}` in {content.source} must have words. Received: {len(order)} rows, none "
            "of them with words. Replace it by the published file."
        )
    starts, ends = lists.offsets[full].tolist(), lists.offsets[full + 1].tolist()
    texts = [_text(content, lists.numbers[start:end], words) for start, end in zip(starts, ends, strict=True)]
    return Reviews(texts, archive.arrays[f"y_{name}"][full].astype(np.int32))


def _text(content: Content, ranks: NDArray[np.int32], words: NDArray[Any]) -> str:
    try:
        # Seen as unsigned, a negative rank lies beyond the last word instead of counting from it.
        return " ".join(words[ranks.view(np.uint32)].tolist())
    except (IndexError, TypeError) as error:
        raise DataError(
            f"Every review of {content.source} must be a list of ranks that the word index knows. "
            f"Received: {error} in {str(ranks.tolist())[:40]}…. Replace both files by the published ones."
        ) from error
