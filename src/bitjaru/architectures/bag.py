"""A bag of tokens, which forgets their order: with n-grams as tokens it sees short runs of it."""

from typing import TYPE_CHECKING

from bitjaru.architectures import Embedding
from bitjaru.architectures.readout import Readout, Share
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class Bag:
    """The sum of the embedded tokens over the root of their number, as in fastText's classifier (Joulin et al. 2017).

    Maps (B, T, E) to (B, E), before the readout.

    Attributes:
        token_dropout: Share of the tokens that is left out while training (Iyyer et al. 2015).
    """

    embedding: Embedding
    token_dropout: Share
    readout: Readout

    def features(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """Maps (B, T, E) to (B, D)."""
        from bitjaru.architectures.pooling import RootSum

        return self.readout.read(RootSum(self.token_dropout, name="bag")(embedded))
