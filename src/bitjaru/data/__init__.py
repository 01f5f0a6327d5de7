"""What flows through a run: reviews, tokens, a vocabulary, examples."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]
