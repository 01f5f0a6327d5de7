"""Simple recurrent, LSTM and GRU layers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PositiveInt

from bitjaru.architectures import Embedding
from bitjaru.architectures.readout import Readout, Share
from bitjaru.options import part

if TYPE_CHECKING:
    import keras

Cell = Literal["simplernn", "lstm", "gru"]
Implementation = Literal["fused", "keras"]
Pooling = Literal["last", "max", "mean", "attention"]
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
        """Returns the last state of the top layer, (B, D)."""
        for number in range(1, self.layers + 1):
            sequence = self._layer(number, all_states=number < self.layers)(sequence)
        return sequence

    def states(self, sequence: "keras.KerasTensor") -> "keras.KerasTensor":
        """Returns the states of the top layer after every token, (B, T, D)."""
        for number in range(1, self.layers + 1):
            sequence = self._layer(number, all_states=True)(sequence)
        return sequence

    def _layer(self, number: int, *, all_states: bool) -> "keras.Layer":
        import keras

        from bitjaru.architectures.fused import layers as fused

        library = fused if self.implementation == "fused" else keras.layers
        layer = getattr(library, LAYER_OF[self.cell])(
            self.units,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
            return_sequences=all_states,
            name=f"{self.cell}_{number}",
        )
        return keras.layers.Bidirectional(layer, name=f"bidirectional_{number}") if self.bidirectional else layer


@part
class Recurrent:
    """Recurrent layers over the embedded tokens; their states, pooled, are the review's features.

    Maps (B, T, E) to (B, D), before the readout, with D = units for each pooling, twice that when bidirectional.

    Attributes:
        cell: `simplernn` (Elman 1990), `lstm` (Hochreiter & Schmidhuber 1997) or `gru` (Cho et al. 2014).
        units: Width of the state, in each direction.
        layers: How many stand on top of each other.
        bidirectional: Whether each layer also reads from the end.
        dropout: Share of a layer's inputs that is dropped while training.
        recurrent_dropout: Share of its state that is dropped from step to step (Gal & Ghahramani 2016).
        implementation: `keras`, or `fused`: the same layers and results, with a quicker training step.
        pooling: One or more of `last` (the state after the last token), `max` and `mean` (over all states) and
            `attention` (Yang et al. 2016); several are joined.
    """

    embedding: Embedding
    cell: Cell
    units: PositiveInt
    layers: PositiveInt
    bidirectional: bool
    dropout: Share
    recurrent_dropout: Share
    implementation: Implementation
    pooling: Annotated[tuple[Pooling, ...], Field(min_length=1)]
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
        if self.pooling == ("last",):
            return self.readout.read(stack.last_state(embedded))
        from bitjaru.architectures.pooling import pool

        backwards = self.units if self.bidirectional else 0
        return self.readout.read(pool(stack.states(embedded), self.pooling, backwards=backwards))
