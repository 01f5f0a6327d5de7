"""Any Hydra program as trials: its task function here or in a worker, and its line to the search, `bitjaru.report`."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import spawn
from pathlib import Path
from typing import Any

from bitjaru.errors import ConfigError, Stop
from bitjaru.sweep.execution.failures import NO_VALUE, Failure, TrialFailed, from_exception
from bitjaru.sweep.execution.hydra_job import run_job
from bitjaru.sweep.execution.jobs import Job, Reporter, Result

Report = Callable[[int, int, float], bool]
_listening: list[Report] = []  # of the search whose trial runs in this process; one at a time


@dataclass(frozen=True)
class Program:
    """A program's task function, so that another process finds it.

    Attributes:
        path: The program's file, seen from the working directory.
        module: Where the function stands: `__main__` for a script.
        name: The function's own.
        main: What a process needs to have the same `__main__`, search path and arguments; `multiprocessing`'s own.
        version_base: Hydra's, of the program.
    """

    path: str
    module: str
    name: str
    main: Mapping[str, Any]
    version_base: str | None

    @classmethod
    def of(cls, function: Callable[..., Any], path: str) -> "Program":
        """Describes a program by its task function."""
        from hydra import version

        main = {key: value for key, value in spawn.get_preparation_data("trial").items() if key != "authkey"}
        name = getattr(function, "__qualname__", type(function).__qualname__)
        return cls(path, function.__module__, name, main, str(version.getbase() or "") or None)

    @property
    def folder(self) -> Path:
        """The program's own."""
        return Path(self.path).resolve().parent

    def enter(self) -> None:
        """Makes this process one of the program's: its modules are found, and `__main__` is its own."""
        from hydra import version
        from hydra.core.utils import setup_globals

        spawn.prepare(dict(self.main))
        version.setbase(self.version_base)
        setup_globals()

    def function(self) -> Callable[..., Any]:
        """Returns the task function, without what Hydra put around it.

        Raises:
            ConfigError: If it does not stand at the top of its module.
        """
        found: Any = sys.modules["__main__"] if self.module == "__main__" else import_module(self.module)
        try:
            for name in self.name.split("."):
                found = getattr(found, name)
        except AttributeError as error:
            raise ConfigError(
                "The task function must stand at the top of its module, where a worker finds it. Received: "
                f"{self.name} in {self.path}. Move it there, or use hydra/sweeper/executor=launcher."
            ) from error
        unwrapped: Callable[..., Any] = inspect.unwrap(found)
        return unwrapped


@contextmanager
def heard_by(listener: Report) -> Iterator[None]:
    """Lets the programs that run in this process meanwhile report to a search."""
    _listening.append(listener)
    try:
        yield
    finally:
        _listening.pop()


def report(epoch: int, value: float) -> None:
    """Tells the search the objective after an epoch, so that it can end a trial that is not worth going on with.

    Outside of a search, and in a process that a launcher made elsewhere, nothing happens.

    Args:
        epoch: From 1.
        value: Of the objective.

    Raises:
        Stop: Where the trial ends here, as pruned. Let it pass.
    """
    if not _listening:
        return
    from hydra.core.hydra_config import HydraConfig

    if _listening[-1](int(HydraConfig.get().job.num), epoch, float(value)):
        raise Stop("pruned")


def runner(program: Program) -> Callable[[Job, Reporter], Result]:
    """Returns what runs one trial of a program, as Hydra's own launcher would."""
    function = program.function()

    def run(job: Job, reporter: Reporter) -> Result:
        with heard_by(lambda _, epoch, value: reporter.report(epoch, value)):
            return result_of(run_job(function, job.packed, job.folder))

    return run


def result_of(answer: Any) -> Result:
    """Returns the result of a job that Hydra ran.

    Raises:
        TrialFailed: If the program failed, or returned no number.
    """
    # Where a job raised, Hydra's own property says so on standard error: that a trial was pruned is no error.
    if isinstance(stop := getattr(answer, "_return_value", None), Stop):
        return Result((), pruned=stop.reason == "pruned")
    try:
        value = answer.return_value
    except Exception as error:
        raise TrialFailed(from_exception(error)) from error
    values = value if isinstance(value, list | tuple) else [value]
    try:
        return Result(tuple(float(one) for one in values))
    except (TypeError, ValueError) as error:
        said = f"the program returned {str(value)[:40]!r} where a number is wanted"
        raise TrialFailed(Failure(NO_VALUE, said)) from error
