"""What `bitjaru serve` was told, on its way to the processes that answer: one variable of their environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from bitjaru.tracking.serving.request.limits import Limits

VARIABLE = "BITJARU_SERVING"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Of one server.

    Attributes:
        folder: With the model's files.
        manifest: The sum of its manifest: what was checked, and maybe signed.
        model: Its name and version, told with every answer.
        data_sha256: Of the data that it learned from; empty where that was not noted.
        token: That every request must bring; empty for none.
        hosts: Names that a request may call this server by; empty for all.
        workers: Processes, each with the model in memory.
        counts: A folder in which the processes keep their counts.
        limits: How much it takes on.
    """

    folder: str
    manifest: str = ""
    model: str = ""
    data_sha256: str = ""
    token: str = ""
    hosts: tuple[str, ...] = ()
    workers: int = 1
    counts: str = ""
    limits: Limits = field(default_factory=Limits)

    def environment(self) -> Mapping[str, str]:
        """Returns the variable that `read` reads."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def read(cls) -> "Settings":
        """Reads what `bitjaru serve` was told."""
        told = json.loads(os.environ[VARIABLE])
        limits, hosts = Limits(**told.pop("limits")), tuple(told.pop("hosts"))
        return cls(**told, limits=limits, hosts=hosts)
