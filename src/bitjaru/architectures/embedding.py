"""How ids become vectors."""

from typing import TYPE_CHECKING

from pydantic import PositiveFloat, PositiveInt

from bitjaru.architectures.readout import Share
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class Learned:
    """A table of V rows that is trained with the rest: (B, T) to (B, T, E) with E = width.

    Attributes:
        width: E.
        mask: Whether layers that can skip padding do so. Convolutions cannot.
        word_dropout: Share of the words that become unknown ones while training (Dai & Le 2015).
        dropout: Share of the embedded numbers that is dropped while training.
        initializer_range: The numbers start uniformly between minus this and this. Keras's own is 0.05.
    """

    width: PositiveInt
    mask: bool
    word_dropout: Share
    dropout: Share
    initializer_range: PositiveFloat

    def embed(self, ids: "keras.KerasTensor", *, vocabulary_size: int) -> "keras.KerasTensor":
        """Returns the embedded ids, (B, T, E)."""
        import keras

        from bitjaru.architectures.layers import Embedding, TokenDropout

        if self.word_dropout:
            ids = TokenDropout(self.word_dropout, name="word_dropout")(ids)
        start = keras.initializers.RandomUniform(-self.initializer_range, self.initializer_range)
        table = Embedding(
            vocabulary_size, self.width, embeddings_initializer=start, mask_zero=self.mask, name="embedding"
        )
        embedded = table(ids)
        if not self.dropout:
            return embedded
        return keras.layers.Dropout(self.dropout, name="embedding_dropout")(embedded)


@part
class OneHot:
    """One column a word, without weights: (B, T) to (B, T, V). Made batch by batch, never for a data set.

    Attributes:
        mask: Whether layers that can skip padding do so.
    """

    mask: bool

    def embed(self, ids: "keras.KerasTensor", *, vocabulary_size: int) -> "keras.KerasTensor":
        """Returns the one-hot vectors, (B, T, V)."""
        from bitjaru.architectures.layers import OneHot as OneHotLayer

        return OneHotLayer(vocabulary_size, mask_zero=self.mask, name="embedding")(ids)
