"""A linear model that answers texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from bitjaru.architectures.linear import Linear
from bitjaru.architectures.tfidf.model import TfIdf
from bitjaru.data import FloatArray
from bitjaru.data.vocabulary import NO_WORDS, Vocabulary
from bitjaru.models.exported.graph import FILE
from bitjaru.models.exported.onnx_tfidf import OnnxTfIdf
from bitjaru.models.tokenized_texts import TokenizedTexts


@dataclass(frozen=True)
class LinearModel:
    """A linear model; it reads the texts themselves.

    Attributes:
        fitted: What it learned, as it was trained or exported.
    """

    kind: ClassVar[str] = "linear"
    words: ClassVar[Vocabulary] = NO_WORDS

    fitted: TfIdf | OnnxTfIdf

    @property
    def engines(self) -> Mapping[str, str]:
        """Of its own n-grams."""
        return {"ngrams": f"n-grams of {self.fitted.counting.of} 1"}

    @property
    def reads(self) -> Sequence[str]:
        """Says which n-grams it knows."""
        counting = self.fitted.counting
        size = f"{counting.shortest} to {counting.longest} {counting.of}"
        return [f"It is weighed by {len(self.fitted.ngrams):,} n-grams of {size}, in lower case."]

    @property
    def weights(self) -> int:
        """One for each n-gram, and one for none."""
        return self.fitted.weights

    def probabilities(self, texts: TokenizedTexts) -> FloatArray:
        """Returns the probability of class 1 of N texts, (N, 1)."""
        return self.fitted.probabilities_of(self._features(texts))

    def knows(self, texts: TokenizedTexts) -> NDArray[Any]:
        """Returns whether each text holds an n-gram that it knows, (N,)."""
        return self.fitted.knows(self._features(texts))

    def _features(self, texts: TokenizedTexts) -> Any:
        return texts.once(self, lambda: self.fitted.features(texts.texts))

    def save(self, folder: Path) -> None:
        """Writes n-grams and numbers."""
        self.fitted.save(folder)

    @classmethod
    def load(cls, folder: Path, linear: Linear) -> "LinearModel":
        """Reads what `save` wrote.

        Raises:
            BundleError: If a file is missing or damaged.
        """
        if (folder / FILE).is_file():
            return cls(OnnxTfIdf(folder, linear.counting))
        return cls(TfIdf.load(folder, linear.counting))
