"""A trained model as a thing: its files, its answers and their reasons, its golden set, its card."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from bitjaru.data import FloatArray
from bitjaru.data.vocabulary import Vocabulary

if TYPE_CHECKING:
    from bitjaru.models.tokenized_texts import TokenizedTexts


class TextModel(Protocol):
    """From cleaned texts to probabilities: a network with its vocabularies, a linear model, an ensemble of models."""

    @property
    def kind(self) -> str:
        """`network`, `linear` or `ensemble`: what reads its files."""

    @property
    def engines(self) -> Mapping[str, str]:
        """Name and version of whatever cuts its texts, by what it is called in the model."""

    @property
    def reads(self) -> Sequence[str]:
        """Says how it reads a text, in a sentence for each way."""

    @property
    def weights(self) -> int:
        """How many numbers were learned."""

    @property
    def words(self) -> Vocabulary:
        """What a task that answers with words may answer."""

    def probabilities(self, texts: "TokenizedTexts") -> FloatArray:
        """Returns the probabilities (N, O) of N texts.

        Raises:
            TokenizerError: If an analyser cannot start.
        """

    def knows(self, texts: "TokenizedTexts") -> NDArray[Any]:
        """Returns whether it sees anything that it knows in each text, (N,); else it answers an empty one."""

    def save(self, folder: Path) -> None:
        """Writes its files, each whole; the config is not among them."""
