"""Promotes in processes that can be killed: a program that imports MLflow once and forks for each promotion.

Reads lines from standard input and answers each with one line of exit statuses: `kill URI N` forks a promotion that is
killed before its write number N; `race URI` forks two that start at the same moment.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partialmethod

from mlflow import MlflowClient
from tracking.registry.promotions import NAME, event

from bitjaru.tracking.registry.registry import Overtaken, Registry

WRITES = ("set_registered_model_tag", "set_registered_model_alias", "delete_registered_model_tag")
LOST = 7


def main() -> None:
    for line in sys.stdin:
        what, uri, *rest = line.split("\t")
        children = [fork(killed, uri.strip(), int(rest[0]))] if what == "kill" else race(uri.strip())
        statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(" ".join(map(str, statuses)) + "\n")
        sys.stdout.flush()


def fork(work: Callable[..., int], *arguments: object) -> int:
    if child := os.fork():
        return child
    os._exit(work(*arguments))


def race(uri: str) -> list[int]:
    reading, writing = os.pipe()
    children = [fork(racing, uri, target, reading, writing) for target in ("2", "3")]
    os.close(reading)
    os.close(writing)  # the last end: whoever reads goes on now
    return children


def racing(uri: str, target: str, reading: int, writing: int) -> int:
    os.close(writing)
    os.read(reading, 1)
    try:
        Registry(uri).promote(NAME, event("1", target))
    except Overtaken:
        return LOST
    return 0


def killed(uri: str, writes: int) -> int:
    left = [writes]

    def write(own: Callable[..., object], *arguments: object, **named: object) -> object:
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return own(*arguments, **named)

    for name in WRITES:
        setattr(MlflowClient, name, partialmethod(counted, write, getattr(MlflowClient, name)))
    Registry(uri).promote(NAME, event("1", "2"))
    return 0


def counted(
    client: MlflowClient, write: Callable[..., object], own: Callable[..., object], *arguments: object
) -> object:
    return write(own, client, *arguments)


if __name__ == "__main__":
    main()
