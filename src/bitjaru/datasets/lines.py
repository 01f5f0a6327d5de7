"""Texts without labels, one a line: the project's proverbs, or a file of one's own."""

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, PositiveInt

from bitjaru.data.reviews import Corpus, Reviews
from bitjaru.datasets.holdout import HoldOut, split
from bitjaru.datasets.proverbs import PROVERBS
from bitjaru.datasets.published import Content, LocalPath, read_file
from bitjaru.errors import DataError
from bitjaru.options import part

NO_LABEL = -1


@part
class Lines:
    """Every line that is not blank is a text; what surrounds it is cut off. Nothing is labelled.

    Attributes:
        name: Of the option.
        language: ISO 639-1 code.
        licence: Of the texts.
        path: A text file; null for the project's own proverbs.
        rows: Takes only the first texts; null takes all.
        minimum_tokens: Texts with fewer tokens are dropped after tokenizing; the next word needs two.
        validation: Set aside from the texts that the test part leaves.
        test: Set aside from all texts.
    """

    name: str
    language: Annotated[str, Field(pattern="^[a-z]{2}$")]
    licence: str
    path: LocalPath | None
    rows: PositiveInt | None
    minimum_tokens: PositiveInt
    validation: HoldOut
    test: HoldOut

    def load(self) -> Corpus:
        """Reads and splits the texts.

        Raises:
            DataError: If the file is missing or damaged, has no text, or too few for the parts.
        """
        content = self._content()
        lines = content.text.splitlines()
        full = [text for line in lines if (text := self.clean(line))]
        if not full:
            raise DataError(
                f"{content.source} must have a line with text. Received: {len(lines)} lines, all of them blank. "
                "Name another file with `dataset.path=`."
            )
        texts = full[: self.rows]
        reviews = Reviews(texts, np.full(len(texts), NO_LABEL, np.int32))
        return Corpus(
            name=self.name,
            language=self.language,
            splits=split(reviews, test=self.test, validation=self.validation),
            read={content.name: len(texts)},
            dropped={},
            sha256=content.sha256,
            source=content.source,
            licence=self.licence,
            classes=(),
        )

    def clean(self, text: str) -> str:
        """Returns what training would have seen of a text."""
        return text.strip()

    def _content(self) -> Content:
        if self.path is None:
            data = "".join(f"{proverb}\n" for proverb in PROVERBS).encode()
            return Content("proverbs", "bitjaru.datasets.proverbs", data)
        file = Path(self.path).expanduser()
        return read_file(file, source=str(file.resolve()))
