"""Which examples share a batch, and how much of their padding it carries. One option of `conf/trainer/batches` each."""

from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import PositiveInt

from bitjaru.errors import ConfigError
from bitjaru.options import part

Rows = NDArray[np.int64]
Unmasked = Literal["refuse", "pad"]


@runtime_checkable
class Batching(Protocol):
    """Orders the examples of an epoch and says whether batches are cut to their longest example."""

    def order(self, lengths: Rows, batch_size: int, random: np.random.Generator) -> Rows:
        """Returns the rows of one epoch, batch after batch.

        Args:
            lengths: Tokens of each example, (N,).
            batch_size: B.
            random: The only source of chance.
        """

    def trims(self, *, masked: bool) -> bool:
        """Tells whether batches are cut.

        Args:
            masked: Whether the model skips padding: only then is a cut batch the same as a padded one.

        Raises:
            ConfigError: If they would have to be cut for a model that reads the padding.
        """


@part
class Padded:
    """Random batches, each as long as `max_len`."""

    def order(self, lengths: Rows, batch_size: int, random: np.random.Generator) -> Rows:
        """Returns the rows at random."""
        del batch_size
        return random.permutation(len(lengths))

    def trims(self, *, masked: bool) -> bool:
        """Never."""
        del masked
        return False


@part
class Trimmed:
    """The same random batches, each cut to its longest example.

    Attributes:
        unmasked: What happens with a model that reads the padding: `refuse` it, or `pad` its batches.
    """

    unmasked: Unmasked

    def order(self, lengths: Rows, batch_size: int, random: np.random.Generator) -> Rows:
        """Returns the rows at random."""
        del batch_size
        return random.permutation(len(lengths))

    def trims(self, *, masked: bool) -> bool:
        """Wherever the model skips padding."""
        return _trims(masked, self.unmasked)


@part
class LikeLength:
    """Batches of examples that are about equally long, in random order, each cut to its longest example.

    The rows are shuffled, sorted by length within pools, and the batches shuffled again: another training than with
    random batches, though every epoch sees every example once.

    Attributes:
        pool: Batches that are sorted together. The more, the more alike a batch and the less random.
        unmasked: What happens with a model that reads the padding: `refuse` it, or `pad` its batches.
    """

    pool: PositiveInt
    unmasked: Unmasked

    def order(self, lengths: Rows, batch_size: int, random: np.random.Generator) -> Rows:
        """Returns the rows, batches of like length one after the other, the incomplete one last."""
        rows = random.permutation(len(lengths))
        pools = np.arange(len(rows)) // (self.pool * batch_size)
        rows = rows[np.lexsort((lengths[rows], pools))]
        whole = len(rows) // batch_size * batch_size
        batches = random.permutation(rows[:whole].reshape(-1, batch_size))
        return np.concatenate([batches.reshape(-1), rows[whole:]])

    def trims(self, *, masked: bool) -> bool:
        """Wherever the model skips padding."""
        return _trims(masked, self.unmasked)


def _trims(masked: bool, unmasked: Unmasked) -> bool:
    if masked or unmasked == "pad":
        return masked
    raise ConfigError(
        "Batches can be cut to their longest example only for a model that skips padding. Received: "
        "architecture.embedding.mask=false. Set `trainer.batches.unmasked=pad` or `trainer/batches=padded`; or, if "
        "the architecture allows it, `architecture.embedding.mask=true`."
    )
