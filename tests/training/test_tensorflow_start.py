"""Starting TensorFlow, in a process of its own: this one has it already."""

import subprocess
import sys

PROGRAM = """
import sys
from bitjaru.training.tensorflow_start import start_tensorflow
start_tensorflow()
import keras
print("sklearn" in sys.modules)
from sklearn.linear_model import LogisticRegression
print(LogisticRegression.__name__)
"""


def test_scikit_learn_is_not_imported_with_keras_and_can_be_afterwards() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "LogisticRegression"]
