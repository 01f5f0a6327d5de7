"""One model that reads a review in several ways: as syllables, as morphemes, as n-grams."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PositiveInt

from bitjaru.architectures import Architecture
from bitjaru.architectures.readout import Readout
from bitjaru.data.examples import Side
from bitjaru.errors import ConfigError
from bitjaru.options import part
from bitjaru.tokenizers import Tokenizer

if TYPE_CHECKING:
    import keras

VocabularySize = Annotated[int, Field(ge=3)]
VocabularyKind = Literal["counted", "hashed"]


@part
class View:
    """One way to read a review.

    Attributes:
        tokenizer: Cuts it into tokens.
        max_len: Tokens that are read, the last ones of a longer review.
        vocab_size: V at most, padding and out-of-vocabulary included; None for every word.
        vocabulary: `counted`: the most frequent words have an id each. `hashed`: every word has one, which it shares
            with others (Weinberger et al. 2009).
        padding: Where a short review is filled up.
        encoder: Makes features of the embedded tokens.
    """

    tokenizer: Tokenizer
    max_len: PositiveInt
    vocab_size: VocabularySize | None
    vocabulary: VocabularyKind
    padding: Side
    encoder: Architecture

    def __post_init__(self) -> None:
        if self.vocabulary == "hashed" and self.vocab_size is None:
            raise ConfigError(
                "A hashed vocabulary needs its size. Received: vocab_size=null. Set `vocab_size`, for example "
                "to 1048576, or `vocabulary=counted`."
            )


@part
class Views:
    """A model that reads every review in each of these ways; what they found is joined before the head.

    Attributes:
        views: By name.
        readout: Between the joined features and the head.
    """

    views: Mapping[str, View]
    readout: Readout

    def __post_init__(self) -> None:
        if not self.views:
            raise ConfigError(
                "`architecture.views` must hold at least one view. Received: none. Name some, for example "
                "'architecture/view@architecture.views=[tokens,ngrams]'."
            )


@dataclass(frozen=True)
class Reading:
    """How a model reads a review: what its architecture, or else the run, says of views.

    Attributes:
        views: By name, in the order of their columns in the inputs (N, T) and of their features.
        readout: Of the joined features; None where the one view's encoder has its own.
    """

    views: Mapping[str, View]
    readout: Readout | None

    def read(self, features: "keras.KerasTensor") -> "keras.KerasTensor":
        """Returns the joined features as the head sees them."""
        return features if self.readout is None else self.readout.read(features)

    @property
    def length(self) -> int:
        """T: the columns of all views."""
        return sum(view.max_len for view in self.views.values())

    @property
    def columns(self) -> Mapping[str, slice]:
        """The columns of each view."""
        ends = accumulate((view.max_len for view in self.views.values()), initial=0)
        return {name: slice(*pair) for name, pair in zip(self.views, pairwise(ends), strict=True)}
