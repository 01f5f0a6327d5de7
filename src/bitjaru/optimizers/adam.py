"""Adam: steps scaled by running means of the gradient and of its square."""

from typing import TYPE_CHECKING

from bitjaru.errors import ConfigError
from bitjaru.optimizers.ranges import Decay, EmbeddingUpdate, Positive
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class Adam:
    """Keras's Adam, made in place; or with `embedding_update="rows"` the one that leaves the words of no batch alone.

    Where all words move, a rare one goes on moving for about ten batches after it was seen, its square being still
    small: some 30 learning rates in all. Where only those of the batch do, it takes the first of these steps alone,
    about 3, and hardly learns in a few epochs; `embedding_multiplier` gives that back.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.

    Raises:
        ConfigError: If a decay is 0 where all words move and embeddings have a learning rate of their own.
    """

    learning_rate: Positive
    beta_1: Decay
    beta_2: Decay
    epsilon: Positive
    clipnorm: Positive | None
    embedding_update: EmbeddingUpdate
    embedding_multiplier: Positive

    def __post_init__(self) -> None:
        if self._forgets_at_once and self.embedding_update == "dense" and self.embedding_multiplier != 1:
            raise ConfigError(
                "`optimizer.embedding_multiplier` must be 1 where a decay is 0 and all words move. Received: "
                f"embedding_multiplier={self.embedding_multiplier:g}, beta_1={self.beta_1:g}, beta_2={self.beta_2:g}. "
                "Set `optimizer.embedding_update=rows`."
            )

    def build(self) -> "keras.Optimizer":
        """Makes a fresh optimizer."""
        import keras

        from bitjaru.optimizers.in_place import InPlaceAdam
        from bitjaru.optimizers.rows import RowAdam

        knobs = {
            "learning_rate": self.learning_rate,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "clipnorm": self.clipnorm,
        }
        if self.embedding_update == "rows":
            return RowAdam(embedding_multiplier=self.embedding_multiplier, **knobs)
        if self._forgets_at_once:
            return keras.optimizers.Adam(**knobs)
        return InPlaceAdam(embedding_multiplier=self.embedding_multiplier, **knobs)

    @property
    def _forgets_at_once(self) -> bool:
        """Such an Adam has no form in place."""
        return not self.beta_1 or not self.beta_2
