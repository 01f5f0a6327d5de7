"""What a model is for: one option of `conf/task` a module."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from numpy.typing import NDArray

from bitjaru.data import FloatArray, IntArray
from bitjaru.data.examples import Examples, Side
from bitjaru.data.hashed_vocabulary import AnyVocabulary
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.tasks.generation import Decoding

if TYPE_CHECKING:
    import keras


Direction = Literal["maximize", "minimize"]
Predict = Callable[[NDArray[Any]], FloatArray]  # a model: inputs (N, T), or N texts, to probabilities (N, O)


@dataclass(frozen=True)
class Answer:
    """What a model says of one text.

    Attributes:
        label: The likeliest answer.
        probability: Of that label.
        no_known_token: Whether the model saw nothing that it knows, and so gave its answer to an empty text.
        by_class: The probability of every class; empty where answers are no classes.
    """

    label: str
    probability: float
    no_known_token: bool = False
    by_class: Mapping[str, float] = field(default_factory=dict, hash=False)


class Task(Protocol):
    """Turns tokens into examples, owns the end of the model, and turns probabilities into answers."""

    @property
    def unknown_words(self) -> bool:
        """Whether words outside the vocabulary share an id; where they have none the task leaves them out."""

    @property
    def objective(self) -> str:
        """The metric that decides, without its part: `accuracy` or `loss`."""

    @property
    def direction(self) -> Direction: ...

    @property
    def loss(self) -> str:
        """Keras's name of the loss."""

    @property
    def metrics(self) -> Sequence[str]:
        """Keras's names of the metrics watched while training."""

    def examples(
        self, tokens: Tokens, labels: IntArray, vocabulary: AnyVocabulary, *, length: int, padding: Side
    ) -> Examples:
        """Makes inputs (M, T) and targets (M,) from N tokenized texts; the task decides what an example is.

        Raises:
            DataError: If the labels are none that it can learn.
        """

    def inputs(self, tokens: Tokens, vocabulary: AnyVocabulary, *, length: int, padding: Side) -> IntArray:
        """Makes the inputs (N, T) of N texts that wait for an answer."""

    def head(self, features: "keras.KerasTensor", *, vocabulary_size: int) -> "keras.KerasTensor":
        """Maps features (B, D) to probabilities (B, O)."""

    def kept(self, targets: IntArray, probabilities: FloatArray) -> FloatArray:
        """Returns what is kept of probabilities (B, O), so that (N, O) is never held: (B, K), enough to score them."""

    def score(self, targets: IntArray, kept: FloatArray) -> Mapping[str, float]:
        """Returns every final metric, `loss` and `accuracy` among them, of what was kept, (N, K)."""

    def confusion(self, targets: IntArray, kept: FloatArray) -> IntArray | None:
        """Returns counts (C, C), true class by answered class; None where there are no classes."""

    def answers(self, probabilities: FloatArray, vocabulary: Vocabulary) -> list[Answer]:
        """Turns probabilities (N, O) into N answers."""


@runtime_checkable
class Writer(Protocol):
    """A task whose answers are words, so that they can be fed back as input."""

    @property
    def decoding(self) -> Decoding:
        """How a run's own samples were chosen."""

    def samples(
        self, predict: Predict, tokens: Tokens, vocabulary: Vocabulary, *, length: int, padding: Side
    ) -> list[Mapping[str, str]]:
        """Lets a trained model write on a few of N texts, for a person to read: a row each, its cells by heading."""

    def write(
        self,
        predict: Predict,
        begun: Sequence[Sequence[str]],
        vocabulary: Vocabulary,
        *,
        words: Sequence[int],
        decoding: Decoding,
        length: int,
        padding: Side,
    ) -> list[list[str]]:
        """Writes on from the tokens of N texts, so many words each; returns the texts with what was written."""
