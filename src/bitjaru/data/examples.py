"""What a model is fed: rows of ids of one length, and their targets."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bitjaru.data.hashed_vocabulary import AnyVocabulary
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import PADDING

Side = Literal["pre", "post"]


@dataclass(frozen=True)
class Examples:
    """Inputs (N, T) int32, or N texts for a model that reads texts itself, and targets (N,) int32."""

    inputs: NDArray[Any]
    targets: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.inputs)


def encode(tokens: Tokens, vocabulary: AnyVocabulary, *, length: int, padding: Side) -> NDArray[np.int32]:
    """Turns tokens into rows of ids, each cut or filled to the same length.

    A row that is too long keeps its end: reviews give their verdict last.

    Args:
        tokens: N texts.
        vocabulary: Gives the ids.
        length: T, the number of columns.
        padding: Whether zeros go before (`pre`) or after (`post`) a row that is too short.

    Returns:
        Array of shape (N, T), int32.

    Raises:
        ValueError: If `length` is below 1.
    """
    if length < 1:
        raise ValueError(f"`length` must be at least 1. Received: length={length}.")
    kept = np.minimum(tokens.lengths, length)
    columns: NDArray[Any] = np.arange(length)
    filled = columns >= length - kept[:, None] if padding == "pre" else columns < kept[:, None]
    rows = np.full((len(tokens), length), PADDING, np.int32)
    rows[filled] = vocabulary.ids(_ends(tokens, length))  # both go row by row, and from left to right within one
    return rows


def _ends(tokens: Tokens, length: int) -> Tokens:
    """Returns the last tokens of each text, `length` at most."""
    if not (tokens.lengths > length).any():
        return tokens
    left = np.repeat(tokens.offsets[1:], tokens.lengths) - np.arange(len(tokens.codes))
    return tokens.keep(left <= length)


def filled_columns(inputs: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the first column of each row that is no padding, and the one after the last; T and 0 for an empty row."""
    filled, length = inputs != PADDING, inputs.shape[1]
    some = filled.any(axis=1)
    first, end = filled.argmax(axis=1), length - filled[:, ::-1].argmax(axis=1)
    return np.where(some, first, length), np.where(some, end, 0)
