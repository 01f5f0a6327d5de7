"""Starting TensorFlow, in a process of its own: this one has it already."""

import subprocess
import sys

PROGRAM = """
import sys
from bitjaru.training.tensorflow_start import start_tensorflow
start_tensorflow()
import keras
import numpy
print([name for name in ("sklearn", "pandas", "matplotlib") if name in sys.modules])
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(numpy.zeros((4, 2)), numpy.zeros((4, 1)), verbose=0)
print(model.predict(numpy.zeros((3, 2)), verbose=0).shape[0])
import matplotlib.pyplot, pandas
from sklearn.linear_model import LogisticRegression
print(LogisticRegression.__name__)
"""


def test_what_keras_imports_for_others_is_not_imported_with_it_and_can_be_afterwards() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["[]", "3", "LogisticRegression"]
