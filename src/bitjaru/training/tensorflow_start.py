"""Importing TensorFlow without its remarks on processors and drivers, which it writes past Python's log."""

import gc
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

NOT_USED = ("sklearn", "pandas", "matplotlib")


def start_tensorflow() -> None:
    """Imports TensorFlow and Keras and finds devices. What is said on standard error is shown only if that fails."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _silent_unless_failing(), _collector_at_rest(), _without_what_is_not_used():
        import keras  # noqa: F401 - here and not where it is used, for the collector's rest
        import tensorflow as tf

        tf.config.list_logical_devices()


@contextmanager
def _without_what_is_not_used() -> Iterator[None]:
    """Hides from Keras what it imports for wrappers, tables and pictures that nothing here hands to it.

    That is a fifth of its import, and of scikit-learn alone 60 MB and a second.
    """
    hidden = [name for name in NOT_USED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what Python itself takes for "cannot be imported"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keeps Python's collector from walking, again and again, the million objects that importing makes and that stay.

    They are left out of its later rounds too: an eighth of the processor time of the import, and some of the tracing.
    """
    ran = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if ran:
            gc.enable()


@contextmanager
def _silent_unless_failing() -> Iterator[None]:
    """Holds back what C++ code writes to file descriptor 2."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(kept, said.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
