"""The mean of the embeddings: no word order, and hard to beat."""

from typing import TYPE_CHECKING

from bitjaru.architectures import Embedding
from bitjaru.architectures.readout import Readout
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class Average:
    """The mean over a review's tokens, (B, T, E) to (B, E): a deep averaging network (Iyyer et al. 2015).

    With the tokenizer `character_ngrams` it is much like fastText's classifier (Joulin et al. 2017).
    """

    embedding: Embedding
    readout: Readout

    def features(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """Maps (B, T, E) to (B, D)."""
        from bitjaru.architectures.pooling import MaskedAverage

        return self.readout.read(MaskedAverage(name="average")(embedded))
