"""Convolutions over neighbouring tokens, alone or before a recurrent layer."""

from typing import TYPE_CHECKING

from pydantic import PositiveInt

from bitjaru.architectures import Embedding
from bitjaru.architectures.readout import Readout, Share
from bitjaru.architectures.recurrent import Cell, Implementation, Stack
from bitjaru.errors import ConfigError
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class Convolutional:
    """Convolutions of several widths side by side, the strongest answer of each (Kim 2014).

    Where the embedding masks, padding is skipped, and a run of tokens may reach over the ends of a review.

    Maps (B, T, E) to (B, D) with D = filters * number of kernel sizes (before the readout).

    Attributes:
        filters: Of each width.
        kernel_sizes: In tokens; none may be longer than `max_len`.
    """

    embedding: Embedding
    filters: PositiveInt
    kernel_sizes: tuple[PositiveInt, ...]
    readout: Readout

    def __post_init__(self) -> None:
        if not self.kernel_sizes:
            raise ConfigError("`kernel_sizes` must name at least one width. Received: []. Try [3,4,5].")

    def features(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """Maps (B, T, E) to (B, D).

        Raises:
            ConfigError: If a kernel is longer than T.
        """
        import keras

        length = embedded.shape[1]
        if length is not None and max(self.kernel_sizes) > length:
            raise ConfigError(
                f"No kernel may be longer than the sequence. Received: kernel_sizes={list(self.kernel_sizes)}, "
                f"max_len={length}. Raise `max_len` or shorten `architecture.kernel_sizes`."
            )
        if self.embedding.mask:
            return self.readout.read(self._without_padding(embedded))
        answers = []
        for size in self.kernel_sizes:
            convolved = keras.layers.Conv1D(self.filters, size, activation="relu", name=f"convolution_{size}")(embedded)
            answers.append(keras.layers.GlobalMaxPooling1D(name=f"strongest_{size}")(convolved))
        joined = answers[0] if len(answers) == 1 else keras.layers.Concatenate(name="widths")(answers)
        return self.readout.read(joined)

    def _without_padding(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """The same convolutions, over the tokens alone: a batch may be cut to its longest review."""
        import keras

        from bitjaru.architectures.windows import StrongestWindow

        answers = [
            StrongestWindow(self.filters, size, name=f"strongest_{size}")(embedded) for size in self.kernel_sizes
        ]
        return answers[0] if len(answers) == 1 else keras.layers.Concatenate(name="widths")(answers)


@part
class ConvolutionalRecurrent:
    """A convolution that shortens the sequence, then recurrent layers over what is left.

    Maps (B, T, E) to (B, T // pool_size, filters) to (B, units) (before the readout).

    Attributes:
        filters: Of the convolution, which keeps the length.
        kernel_size: In tokens.
        pool_size: So many neighbouring steps become one, by their maximum.
        implementation: Of the recurrent layers, see `Recurrent`.
    """

    embedding: Embedding
    filters: PositiveInt
    kernel_size: PositiveInt
    pool_size: PositiveInt
    cell: Cell
    units: PositiveInt
    layers: PositiveInt
    dropout: Share
    recurrent_dropout: Share
    implementation: Implementation
    readout: Readout

    def __post_init__(self) -> None:
        if self.embedding.mask:
            raise ConfigError(
                "`architecture.embedding.mask` must be false with a convolution before recurrent layers, which cannot "
                "skip padding. Received: true."
            )

    def features(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """Maps (B, T, E) to (B, D).

        Raises:
            ConfigError: If pooling would leave nothing of T.
        """
        import keras

        length = embedded.shape[1]
        if length is not None and max(self.pool_size, self.kernel_size) > length:
            raise ConfigError(
                f"Neither `kernel_size` nor `pool_size` may be longer than the sequence. Received: "
                f"kernel_size={self.kernel_size}, pool_size={self.pool_size}, max_len={length}. "
                "Raise `max_len` or make them shorter."
            )
        convolution = keras.layers.Conv1D(
            self.filters, self.kernel_size, padding="same", activation="relu", name="convolution"
        )
        pooled = keras.layers.MaxPooling1D(self.pool_size, name="pooling")(convolution(embedded))
        stack = Stack(
            cell=self.cell,
            units=self.units,
            layers=self.layers,
            bidirectional=False,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
            implementation=self.implementation,
        )
        return self.readout.read(stack.last_state(pooled))
