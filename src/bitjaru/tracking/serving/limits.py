"""How much a server takes on: handed from `bitjaru serve` to the processes that answer, by one variable."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass

VARIABLE = "BITJARU_SERVING_LIMITS"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is refused, and how.

    Attributes:
        megabytes: Of a request's body; more gets 413.
        rows: Of a request; more gets 413.
        waiting: Reviews that wait for an answer at the same time; more get 503 with `Retry-After`.
        together: Reviews that the model answers at once.
        milliseconds: That a review waits for others to come.
    """

    megabytes: int = 64
    rows: int = 100_000
    waiting: int = 10_000
    together: int = 256
    milliseconds: float = 2.0

    def environment(self) -> Mapping[str, str]:
        """Returns the variable that `read` reads."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def read(cls) -> "Limits":
        """Reads what `bitjaru serve` was told; the defaults where nothing was."""
        return cls(**json.loads(os.environ.get(VARIABLE, "{}")))
