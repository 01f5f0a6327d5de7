"""One Java virtual machine in a process of its own."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bitjaru.errors import TokenizerError

Made = TypeVar("Made")

# The serial collector keeps an analyser in about 300 MB; the default one took 1.4 GB for the same work. Its search
# jumps about in memory: huge pages, where the system has them, save a sixth of the processor's time.
OPTIONS = (
    "-Xmx1g",
    "-XX:+UseSerialGC",
    "-XX:+IgnoreUnrecognizedVMOptions",
    "-XX:+UseTransparentHugePages",
    "-Dfile.encoding=UTF-8",
)
START_SECONDS = 120.0
_PORT_AND_PASSWORD = re.compile(r"^(\d+)\n(\S+)\n", re.MULTILINE)


class Machine:
    """One running JVM.

    Attributes:
        classes: The root of Java's packages: `machine.classes.java.lang.String`.
        process_id: The operating system's number of it.
    """

    def __init__(self, java: Path, jars: Sequence[Path]) -> None:
        """Starts it.

        Raises:
            OSError: If `java` cannot be run.
            RuntimeError: If it does not begin to listen; holds what it said last.
        """
        from bitjaru.tokenizers.java.client import connect

        self._java = java
        self._folder = Path(tempfile.mkdtemp(prefix="bitjaru-java-"))
        self._said = self._folder / "said.txt"
        self._made: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._gateway: Any = None
        try:
            self._process = self._launch(jars)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self.process_id = self._process.pid
        try:
            self._gateway = connect(*self._address())
        except BaseException:
            self.stop()
            raise
        self.classes = self._gateway.jvm

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def once(self, name: str, make: Callable[["Machine"], Made]) -> Made:
        """Returns what `make` gave at the first call with this name, for as long as the JVM lives."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make(self)
            made: Made = self._made[name]
            return made

    @contextmanager
    def talking(self) -> Iterator[None]:
        """Turns a failed call into an error that tells what to do, and ends the JVM.

        Raises:
            TokenizerError: If the call failed, mostly as the JVM is gone. The next `machine` starts a new one.
        """
        from py4j.protocol import Py4JError

        try:
            yield
        except Py4JError as error:
            received = " ".join(str(error).split("\n")[:2])
            last = self._last_words()
            self.stop()
            raise TokenizerError(
                f"The tokenizer's Java process must live until it has answered. Received: {received} "
                f"({self._java} said last: {last}). Run again; if memory is short, set tokenizer.threads=1."
            ) from error

    def stop(self) -> None:
        """Ends it and removes its files."""
        from bitjaru.tokenizers.java.client import disconnect

        self._process.kill()
        self._process.wait()
        self._close_pipe()
        if self._gateway is not None:
            disconnect(self._gateway)
        shutil.rmtree(self._folder, ignore_errors=True)

    def leave(self) -> None:
        """Gives it up in a forked process; its own process keeps it."""
        from bitjaru.tokenizers.java.client import forget

        self._close_pipe()
        forget(self._gateway)

    def _close_pipe(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _launch(self, jars: Sequence[Path]) -> "subprocess.Popen[bytes]":
        classpath = os.pathsep.join(map(str, jars))
        command = [str(self._java), *OPTIONS, "-cp", classpath, "py4j.GatewayServer"]
        with self._said.open("wb") as said:
            return subprocess.Popen(
                [*command, "--die-on-broken-pipe", "--enable-auth", "0"],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
                # In the C locale Java cannot open a file whose path has Korean letters.
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )

    def _address(self) -> tuple[int, str]:
        give_up = time.monotonic() + START_SECONDS
        while self.alive and time.monotonic() < give_up:
            if found := _PORT_AND_PASSWORD.search(self._said.read_text("utf-8", "replace")):
                return int(found[1]), found[2]
            time.sleep(0.02)
        raise RuntimeError(self._last_words())

    def _last_words(self) -> str:
        lines = self._said.read_text("utf-8", "replace").split("\n") if self._said.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
