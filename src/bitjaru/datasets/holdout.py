"""Setting rows aside: the validation and test parts of a data set."""

import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bitjaru.data.reviews import Reviews, Splits
from bitjaru.errors import DataError
from bitjaru.options import part


@part
class HoldOut:
    """Sets a share of the rows aside. Both sides keep the order of the file.

    Attributes:
        fraction: Share of the rows, 0 for none.
        how: `random` takes the same rows as scikit-learn's `train_test_split` with this seed, `tail` the last
            rows of the file, as many as Keras's `validation_split`.
        seed: Of `random`.
    """

    fraction: Annotated[float, Field(ge=0, lt=1)]
    how: Literal["random", "tail"]
    seed: Annotated[int, Field(ge=0, lt=2**32)]

    def divide(self, reviews: Reviews) -> tuple[Reviews, Reviews | None]:
        """Returns the rows that stay and the rows set aside; the latter are None when `fraction` is 0.

        Raises:
            DataError: If there are too few rows for both sides.
        """
        if self.fraction == 0:
            return reviews, None
        staying, aside = self._rows(len(reviews))
        if not len(staying) or not len(aside):
            raise DataError(
                f"A fraction of {self.fraction} must leave reviews on both sides. Received: {len(reviews)} reviews. "
                "Read more rows, or set the fraction to 0 to do without this part."
            )
        return reviews.take(staying), reviews.take(aside)

    def _rows(self, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
        if self.how == "tail":
            first = math.floor(count * (1.0 - self.fraction))
            return np.arange(first), np.arange(first, count)
        shuffled = np.random.RandomState(self.seed).permutation(count)
        aside = math.ceil(count * self.fraction)
        return np.sort(shuffled[aside:]), np.sort(shuffled[:aside])


def split(reviews: Reviews, *, test: HoldOut, validation: HoldOut) -> Splits[Reviews]:
    """Sets the test part aside, then the validation part of what stays."""
    rest, test_part = test.divide(reviews)
    train, valid = validation.divide(rest)
    return Splits(train=train, valid=valid, test=test_part)
