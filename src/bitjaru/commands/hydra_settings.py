"""What an experiment file may tell Hydra itself, looked at before Hydra makes anything of it.

Below `hydra` a config names callbacks, a launcher, a sweeper and the classes of the log, and Hydra imports and calls
what is named there. `bitjaru.targets` has the rule for the groups of ours; here is the one for Hydra's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from bitjaru.errors import ConfigError
from bitjaru.targets import is_own

PLUGINS = ("hydra_plugins.", "hydra._internal.core_plugins.")
CHECKED_LATER = re.compile(r"hydra\.sweeper\.(sampler|pruner|executor)\b.*")  # by `bitjaru.sweep.methods.building`
OF_LOGS = {
    *(f"logging.{name}" for name in ("StreamHandler", "FileHandler", "NullHandler", "Formatter")),
    *(f"logging.handlers.{name}" for name in ("RotatingFileHandler", "TimedRotatingFileHandler")),
    *("rich.logging.RichHandler", "colorlog.ColoredFormatter"),
}
STREAMS = ("ext://sys.stdout", "ext://sys.stderr")
VARIABLES = {
    *("BITJARU_PARENT", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("TF_CPP_MIN_LOG_LEVEL", "TF_DETERMINISTIC_OPS", "TF_ENABLE_ONEDNN_OPTS", "TF_FORCE_GPU_ALLOW_GROWTH"),
    *("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"),
}


@contextmanager
def checked() -> Iterator[None]:
    """Has every config looked at that Hydra composes meanwhile; Hydra itself has no place to say so."""
    load = ConfigLoaderImpl.load_configuration

    def load_and_check(self: ConfigLoaderImpl, *arguments: Any, **named: Any) -> DictConfig:
        config = load(self, *arguments, **named)
        check(config.hydra)
        return config

    ConfigLoaderImpl.load_configuration = load_and_check  # type: ignore[method-assign]
    try:
        yield
    finally:
        ConfigLoaderImpl.load_configuration = load  # type: ignore[method-assign]


def check(node: DictConfig) -> None:
    """Refuses what would have Hydra call anything but plugins, the project's own code and a plain log.

    Args:
        node: The config's `hydra`, not resolved.

    Raises:
        ConfigError: If it names something else, or sets a variable that other programs are steered by.
    """
    for place, key, value in _values(node, "hydra"):
        if (must := complaint(place, key, value)) is not None:
            raise ConfigError(f"`{place}.{key}` must {must}. Received: {value}. Nothing of it was imported.")


def complaint(place: str, key: str, value: Any) -> str | None:
    """Returns what must hold of a value below `hydra`, and does not; None if it may stay."""
    if key == "_target_" and not CHECKED_LATER.fullmatch(place):
        return None if _may_be_called(value) else "name a plugin of Hydra's or a module of the project's own folder"
    if place.startswith(("hydra.job_logging", "hydra.hydra_logging")):
        if key in {"class", "()"} and value not in OF_LOGS and not is_own(str(value)):
            return f"name one of {', '.join(sorted(OF_LOGS))}, or a class of the project's own"
        if str(value).startswith(("ext://", "cfg://")) and value not in STREAMS:
            return f"be one of {', '.join(STREAMS)}"
    if place == "hydra.job.env_set" and key not in VARIABLES:
        return f"be one of the variables {', '.join(sorted(VARIABLES))}; set others in your shell"
    return None


def _may_be_called(target: Any) -> bool:
    return isinstance(target, str) and (target.startswith(PLUGINS) or is_own(target))


def _values(node: DictConfig | ListConfig, place: str) -> Iterator[tuple[str, str, Any]]:
    """Yields place, key and value of all below a node, wherever an interpolation leads."""
    for key in range(len(node)) if isinstance(node, ListConfig) else list(node):
        try:
            value = None if OmegaConf.is_missing(node, key) else node[key]
        except OmegaConfBaseException:  # it is known later only: the run's folder, the job's number
            value = OmegaConf.to_container(node, resolve=False)[key]  # type: ignore[index]
        if isinstance(value, DictConfig | ListConfig):
            yield from _values(value, f"{place}.{key}")
        else:
            yield place, str(key), value
