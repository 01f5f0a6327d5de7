"""Simple recurrent, LSTM and GRU layers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import PositiveInt

from bitjaru.architectures import Embedding
from bitjaru.architectures.readout import Readout, Share
from bitjaru.options import part

if TYPE_CHECKING:
    import keras

Cell = Literal["simplernn", "lstm", "gru"]
Implementation = Literal["fused", "keras"]
LAYER_OF = {"simplernn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Recurrent layers on top of each other; every layer but the last hands on all its states.

    Maps (B, T, E) to (B, D) with D = units, or 2 * units when bidirectional.
    """

    cell: Cell
    units: int
    layers: int
    bidirectional: bool
    dropout: float
    recurrent_dropout: float
    implementation: Implementation

    def last_state(self, sequence: "keras.KerasTensor") -> "keras.KerasTensor":
        """Returns the last state of the top layer."""
        for number in range(1, self.layers + 1):
            sequence = self._layer(number)(sequence)
        return sequence

    def _layer(self, number: int) -> "keras.Layer":
        import keras

        from bitjaru.architectures.fused import layers as fused

        library = fused if self.implementation == "fused" else keras.layers
        layer = getattr(library, LAYER_OF[self.cell])(
            self.units,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
            return_sequences=number < self.layers,
            name=f"{self.cell}_{number}",
        )
        return keras.layers.Bidirectional(layer, name=f"bidirectional_{number}") if self.bidirectional else layer


@part
class Recurrent:
    """Recurrent layers over the embedded tokens; the last state is the review's features.

    Maps (B, T, E) to (B, D) with D = units, or 2 * units when bidirectional (before the readout).

    Attributes:
        cell: `simplernn` (Elman 1990), `lstm` (Hochreiter & Schmidhuber 1997) or `gru` (Cho et al. 2014).
        units: Width of the state, in each direction.
        layers: How many stand on top of each other.
        bidirectional: Whether each layer also reads from the end.
        dropout: Share of a layer's inputs that is dropped while training.
        recurrent_dropout: Share of its state that is dropped from step to step (Gal & Ghahramani 2016).
        implementation: `keras`, or `fused`: the same layers and results, with a quicker training step.
    """

    embedding: Embedding
    cell: Cell
    units: PositiveInt
    layers: PositiveInt
    bidirectional: bool
    dropout: Share
    recurrent_dropout: Share
    implementation: Implementation
    readout: Readout

    def features(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """Maps (B, T, E) to (B, D)."""
        stack = Stack(
            cell=self.cell,
            units=self.units,
            layers=self.layers,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
            implementation=self.implementation,
        )
        return self.readout.read(stack.last_state(embedded))
