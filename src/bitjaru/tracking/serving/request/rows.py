"""Counting the rows of a JSON body while it arrives: one with too many is refused before it is held or parsed."""

import re
from dataclasses import dataclass, field

_MARK = re.compile(rb'"(?:[^"\\]|\\.)*("?)|[\[\]{},]', re.DOTALL)
_REST_OF_STRING = re.compile(rb"(?:[^\"\\]|\\.)*", re.DOTALL)
_OPEN, _CLOSE = b"[{", b"]}"
LEAST_BYTES = 2  # of a row: a figure and a comma


@dataclass
class RowCounter:
    """Follows lists and strings, and nothing else: whether it is JSON at all shows when it is parsed.

    Attributes:
        rows: Elements of the longest list so far. No form of a request has a list that is longer than its rows, but for
            the columns of a table.
    """

    rows: int = 0
    _counts: list[int] = field(default_factory=list)  # of the open lists, from the outside in; -1 for an object
    _in_string: bool = False
    _kept: bytes = b""  # half an escape

    def feed(self, piece: bytes) -> int:
        """Reads the next piece and returns `rows`."""
        data, start = self._kept + piece, 0
        self._kept = b""
        if self._in_string:
            start = self._end_of_string(data, 0)
            if self._in_string:
                return self.rows
        for mark in _MARK.finditer(data, start):
            if data[mark.start()] != 0x22:
                self._count(mark[0])
            elif not mark[1]:
                self._in_string = True
                self._end_of_string(data, mark.start() + 1)
                break
        return self.rows

    def _end_of_string(self, data: bytes, start: int) -> int:
        """Returns where the string that is open ends; keeps half an escape for the next piece where it does not."""
        found = _REST_OF_STRING.match(data, start)
        end = found.end() if found else start
        self._in_string = data[end : end + 1] != b'"'
        if self._in_string:
            self._kept = data[end:]
        return end + 1

    def _count(self, sign: bytes) -> None:
        if sign in _OPEN:
            self._counts.append(0 if sign == b"[" else -1)
        elif sign in _CLOSE:
            if self._counts:
                self._counts.pop()
        elif self._counts and self._counts[-1] >= 0:
            self._counts[-1] += 1
            self.rows = max(self.rows, self._counts[-1] + 1)
