"""What stands between an architecture's last layer and the task's head."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PositiveInt

from bitjaru.options import part

if TYPE_CHECKING:
    import keras

Share = Annotated[float, Field(ge=0, lt=1)]


@part
class Readout:
    """Dropout, then a dense layer if there is one: (B, D) to (B, D) or (B, units).

    Attributes:
        dropout: Share of features that is dropped while training.
        units: Width of the dense layer; None for no such layer.
        activation: Of the dense layer.
    """

    dropout: Share
    units: PositiveInt | None
    activation: Literal["relu", "tanh", "sigmoid", "linear"]

    def read(self, features: "keras.KerasTensor") -> "keras.KerasTensor":
        """Returns the features that the head sees."""
        import keras

        if self.dropout:
            features = keras.layers.Dropout(self.dropout, name="dropout")(features)
        if self.units is None:
            return features
        return keras.layers.Dense(self.units, activation=self.activation, name="dense")(features)
