"""Java virtual machines beside this process, for analysers that are written in Java.

They run outside the process: Ctrl-C, memory and forks stay Python's own business, and a machine that died is
replaced by a new one. Each listens on the loopback address only, asks for a password, and ends as soon as the
pipe from its Python process closes, whatever ended that.
"""

import atexit
import os
import threading
from importlib.util import find_spec
from pathlib import Path

from bitjaru.errors import TokenizerError
from bitjaru.tokenizers.java.archives import jars
from bitjaru.tokenizers.java.machine import Machine
from bitjaru.tokenizers.java.runtime import ADVICE, runtimes

_machines: dict[tuple[Path, ...], Machine] = {}
_of_parent: list[Machine] = []  # kept: to forget one would cut its connections
_lock = threading.RLock()


def machine(archives: tuple[Path, ...]) -> Machine:
    """Returns this process's JVM with these jar files; starts one at the first call and after one has died.

    Raises:
        TokenizerError: If no Java runtime starts.
    """
    with _lock:
        running = _machines.get(archives)
        if running is not None and running.alive:
            return running
        if running is not None:
            running.stop()
        _machines[archives] = _start(archives)
        return _machines[archives]


def stop_all() -> None:
    """Ends every JVM of this process."""
    with _lock:
        while _machines:
            _machines.popitem()[1].stop()


def _start(archives: tuple[Path, ...]) -> Machine:
    refused = []
    classpath = (*archives, *jars("PyKomoran", find_spec("PyKomoran"), "libs", ["py4j-*.jar"]))
    for java in runtimes():
        try:
            return Machine(java, classpath)
        except (OSError, RuntimeError) as reason:
            refused.append(f"{java} ({reason})")
    raise TokenizerError(
        f"This tokenizer needs a Java runtime that starts. Tried: {', '.join(refused) or 'none, as none was found'}. "
        + ADVICE
    )


def _leave_to_parent() -> None:
    """Gives up the parent's JVMs after a fork, so that they end with the parent and not with the child."""
    global _lock  # noqa: PLW0603  another thread of the parent may have held the old one for ever
    _lock = threading.RLock()
    while _machines:
        inherited = _machines.popitem()[1]
        inherited.leave()
        _of_parent.append(inherited)


atexit.register(stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
