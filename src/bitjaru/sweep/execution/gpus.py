"""The GPUs that workers share, by the names that CUDA knows them by."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_DEVICE = re.compile(r"nvidia(\d+)")


def usable(devices: Path = Path("/dev")) -> tuple[str, ...]:
    """Returns the GPUs that this process may use: those that `CUDA_VISIBLE_DEVICES` names, or else all NVIDIA's."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        names = [name.strip() for name in named.split(",")]
        return tuple(name for name in names if name not in {"", "-1"})
    found = (_DEVICE.fullmatch(path.name) for path in devices.glob("nvidia*"))
    return tuple(map(str, sorted(int(device[1]) for device in found if device)))


def least_busy(gpus: Sequence[str], busy: Iterable[str | None]) -> str | None:
    """Returns the first of those on which the fewest workers are; None where there is no GPU."""
    workers = Counter(busy)
    return min(gpus, key=lambda gpu: workers[gpu], default=None)


def environment(gpu: str | None) -> Mapping[str, str]:
    """Returns the variables by which TensorFlow sees this one GPU and leaves its memory to others as well."""
    return {} if gpu is None else {"CUDA_VISIBLE_DEVICES": gpu, "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
