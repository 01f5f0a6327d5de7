"""Where labelled reviews come from: one option of `conf/dataset` becomes one part of this package."""

from typing import Protocol

from bitjaru.data.reviews import Corpus


class Dataset(Protocol):
    """Loads reviews. Nothing is read before `load`."""

    @property
    def minimum_tokens(self) -> int:
        """Rows with fewer tokens are dropped after tokenizing."""

    def clean(self, text: str) -> str:
        """Returns what training would have seen of a raw text, so that a model can answer it later."""

    def load(self) -> Corpus:
        """Reads, cleans and splits the data, downloading it first where it must.

        Raises:
            DataError: If it is missing, damaged, or nothing survives preparation.
        """
