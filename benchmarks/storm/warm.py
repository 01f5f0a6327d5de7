"""Commands that begin where work begins: forked from a process that has imported the platform already.

A command of its own spends most of a tiny run in imports, where a kill meets nothing to lose. What is killed here is a
process as real as that one; only its imports were made before. The workers of a search start as ever.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from storm import commands

IMPORTED = ["bitjaru.commands.cli", "bitjaru.runs.hydra_job", "keras", "mlflow", "optuna", "sklearn.linear_model"]


def start(home: Path, command: Sequence[str], output: Path) -> ForkServerProcess:
    """Starts a command of `commands` in a process group of its own; what it prints is added to a file."""
    process = _context().Process(target=_run, args=(command[1:], home, commands.environment(home), output))
    process.start()
    return process


@cache
def _context() -> ForkServerContext:
    os.environ.update(commands.THREADS)  # libraries read them as they are imported
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


def _run(arguments: Sequence[str], home: Path, environment: Mapping[str, str], output: Path) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with output.open("a", encoding="utf-8", buffering=1) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        sys.stdout = sys.stderr = file
        os.environ.update(environment)
        os.chdir(home)
        try:
            _run_as_main(arguments)
        finally:  # multiprocessing ends its children without them
            atexit._run_exitfuncs()


def _run_as_main(arguments: Sequence[str]) -> None:
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return
    sys.argv = list(arguments)
    runpy.run_path(arguments[0], run_name="__main__")
