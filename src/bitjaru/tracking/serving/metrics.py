"""What a server has done since it started, in Prometheus's text format: the sum over its worker processes.

Each process keeps its counts in a file of one folder, mapped into its memory: whichever is asked tells of all, and what
a process that died had counted stays.
"""

import os
from bisect import bisect_left
from pathlib import Path

import numpy as np

KIND = b"text/plain; version=0.0.4; charset=utf-8"
STATUSES = (200, 400, 401, 404, 405, 408, 413, 500, 503)
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
ROWS, SECONDS, READY, WAITING = range(4)
_FIRST_STATUS = 4
_FIRST_BUCKET = _FIRST_STATUS + len(STATUSES)
_FIGURES = _FIRST_BUCKET + len(BOUNDS) + 1
_SUFFIX = ".counts"


class Metrics:
    """Counts of this process, and their sum with those of the others.

    Args:
        folder: Of one server.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = np.memmap(folder / f"{os.getpid()}{_SUFFIX}", np.float64, "w+", shape=(_FIGURES,))

    def count(self, status: int, rows: int, seconds: float) -> None:
        """Counts a request for answers: its status, the reviews that were answered, and how long it took."""
        self._own[_FIRST_STATUS + STATUSES.index(status)] += 1
        self._own[_FIRST_BUCKET + bisect_left(BOUNDS, seconds)] += 1
        self._own[ROWS] += rows
        self._own[SECONDS] += seconds

    def tell(self, *, ready: bool, waiting: int) -> None:
        """Keeps whether this process can answer, and how many reviews wait in it."""
        self._own[READY], self._own[WAITING] = ready, waiting

    @property
    def ready(self) -> int:
        """How many processes can answer."""
        return int(self._alive()[READY])

    def text(self, model: str, sha256: str) -> bytes:
        """Writes the counts of all processes.

        Args:
            model: Its name and version.
            sha256: Of its manifest.
        """
        all_time, now = self._sum(self._files()), self._alive()
        statuses = all_time[_FIRST_STATUS:_FIRST_BUCKET]
        within = np.cumsum(all_time[_FIRST_BUCKET:])
        lines = [
            *_head("bitjaru_requests_total", "counter", "Answered requests for predictions, by status."),
            *(
                f'bitjaru_requests_total{{status="{status}"}} {count:.0f}'
                for status, count in zip(STATUSES, statuses, strict=True)
            ),
            *_figure("bitjaru_reviews_total", "counter", "Answered reviews.", f"{all_time[ROWS]:.0f}"),
            *_head("bitjaru_request_seconds", "histogram", "Seconds from a request's head to its answer."),
            *(
                f'bitjaru_request_seconds_bucket{{le="{bound}"}} {count:.0f}'
                for bound, count in zip([*(f"{bound:g}" for bound in BOUNDS), "+Inf"], within, strict=True)
            ),
            f"bitjaru_request_seconds_sum {all_time[SECONDS]:.6f}",
            f"bitjaru_request_seconds_count {within[-1]:.0f}",
            *_figure("bitjaru_waiting_reviews", "gauge", "Reviews that wait for an answer.", f"{now[WAITING]:.0f}"),
            *_figure("bitjaru_ready_workers", "gauge", "Processes that can answer.", f"{now[READY]:.0f}"),
            *_head("bitjaru_model_info", "gauge", "The model that answers."),
            f'bitjaru_model_info{{model="{_escaped(model)}",sha256="{sha256}"}} 1',
        ]
        return ("\n".join(lines) + "\n").encode()

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    def _alive(self) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        return self._sum([file for file in self._files() if _is_alive(int(file.stem))])

    @staticmethod
    def _sum(files: list[Path]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        total = np.zeros(_FIGURES)
        for file in files:
            figures = np.fromfile(file, np.float64)
            if len(figures) == _FIGURES:  # else it is being made
                total += figures
        return total


def _head(name: str, kind: str, told: str) -> list[str]:
    return [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]


def _figure(name: str, kind: str, told: str, value: str) -> list[str]:
    return [*_head(name, kind, told), f"{name} {value}"]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
