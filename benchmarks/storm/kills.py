"""A night of SIGKILLs: a command is killed at random moments and given again, until it ends; then all is looked at."""

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil

from storm import commands, warm

TARGETS = ("parent", "worker", "group")
EARLIEST = 0.05
LONGEST_SECONDS = 3600.0


@dataclass(frozen=True)
class Subject:
    """What is killed.

    Attributes:
        name: For people.
        make: Fills a home with what the command needs, and returns the command; the same in every night.
        check: Looks at a home after the command has ended, and yields what is wrong.
        seconds: That the command takes undisturbed.
        latest: Share of `seconds` before which it is killed: small where each start goes on, large where it begins.
        done: What the command says, with an error, where an earlier start has done all of it; None where it ends well.
    """

    name: str
    make: Callable[[Path, random.Random], Sequence[str]]
    check: Callable[[Path], Sequence[str]]
    seconds: float
    latest: float
    done: str | None = None


@dataclass
class Night:
    """What happened.

    Attributes:
        kills: What was killed, in order.
        findings: What is wrong; empty after a good night.
        seconds: How long it was.
    """

    kills: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class _Scene:
    subject: Subject
    home: Path
    command: Sequence[str]
    chance: random.Random
    kills: int
    done: Night

    @property
    def output(self) -> Path:
        return self.home / "output"


def night(subject: Subject, home: Path, chance: random.Random, *, kills: int) -> Night:
    """Kills the command until it ends or so many times, lets it end, lets the doctor look, and checks what is left."""
    began, done = time.monotonic(), Night()
    scene = _Scene(subject, home, subject.make(home, chance), chance, kills, done)
    has_ended = False
    while not has_ended and len(done.kills) < kills and time.monotonic() - began < LONGEST_SECONDS:
        has_ended = _start_and_kill(scene)
    _wait(warm.start(home, scene.command, scene.output), scene)
    _let_doctor_look(scene)
    done.findings += [*subject.check(home), *tracebacks(home)]
    done.seconds = time.monotonic() - began
    return done


def kill(process: ForkServerProcess, target: str, chance: random.Random) -> str | None:
    """Kills with SIGKILL; returns what was killed, None where the command had ended."""
    if process.exitcode is not None:
        return None
    workers: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        workers = psutil.Process(process.pid).children(recursive=True)
    if target == "worker" and workers:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers).pid, signal.SIGKILL)
        return "worker"
    if target == "group":
        _kill_group(process)
    else:
        process.kill()
    process.join()
    _, alive = psutil.wait_procs(workers, timeout=120)
    if alive:
        raise RuntimeError(f"outlived their parent: {[one.cmdline() for one in alive]}")
    return "group" if target == "group" else "parent"


def tracebacks(home: Path) -> list[str]:
    """Returns the first traceback of each log: nothing that a kill does may look like a bug."""
    found = []
    for path in [home / "output", *home.glob("multirun/**/*.log")]:
        text = path.read_text(errors="replace") if path.exists() else ""
        if (place := text.find("Traceback (most recent call last)")) >= 0:
            found.append(f"{path.relative_to(home)}: {text[place : place + 3000]}")
    return found


def _let_doctor_look(scene: _Scene) -> None:
    process = warm.start(scene.home, [*commands.BITJARU, "doctor"], scene.output)
    process.join()
    if process.exitcode:
        said = scene.output.read_text(errors="replace")[-1200:]
        scene.done.findings.append(f"doctor ended with {process.exitcode}: {said}")


def _kill_group(process: ForkServerProcess) -> None:
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid or 0) == process.pid:  # not yet, in its first moments
            os.killpg(process.pid, signal.SIGKILL)
            return
    process.kill()


def _start_and_kill(scene: _Scene) -> bool:
    """Returns whether the command came to its end."""
    process, hurt = warm.start(scene.home, scene.command, scene.output), False
    while len(scene.done.kills) < scene.kills:
        time.sleep(scene.chance.uniform(EARLIEST, scene.subject.latest) * scene.subject.seconds)
        try:
            killed = kill(process, scene.chance.choice(TARGETS), scene.chance)
        except RuntimeError as error:
            scene.done.findings.append(str(error))
            return False
        if killed is None:
            _look_at_end(process, scene, hurt=hurt)
            return not hurt
        scene.done.kills.append(killed)
        if killed != "worker":
            return False
        hurt = True
    _wait(process, scene, hurt=hurt)
    return False


def _wait(process: ForkServerProcess, scene: _Scene, *, hurt: bool = False) -> None:
    process.join(timeout=LONGEST_SECONDS)
    if process.exitcode is None:
        _kill_group(process)
        process.join()
        scene.done.findings.append(f"it hung for {LONGEST_SECONDS:.0f} s")
        return
    _look_at_end(process, scene, hurt=hurt)


def _look_at_end(process: ForkServerProcess, scene: _Scene, *, hurt: bool) -> None:
    """A command that lost a process of its own may end with an error in words; given again, it must end well."""
    said = scene.output.read_text(errors="replace")[-1500:]
    is_done = scene.subject.done is not None and scene.subject.done in said
    if process.exitcode and not hurt and not is_done:
        scene.done.findings.append(f"the command ended with {process.exitcode}: {said}")
