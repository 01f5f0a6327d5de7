"""From one group of a config to its part, or to a sentence that says what cannot be used."""

from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from bitjaru import targets
from bitjaru.errors import BitjaruError, ConfigError


def build_part(config: DictConfig, group: str) -> Any:
    """Makes the part of one config group.

    Raises:
        ConfigError: If its node is missing, or a key or value in it cannot be used.
    """
    if group not in config:
        raise ConfigError(f"A config needs the group `{group}`. Received: {', '.join(map(str, config))}.")
    try:
        found = config._get_node(group)
        if not isinstance(found, DictConfig) or targets.TARGET not in found:
            raise ConfigError(
                f"`{group}` must say what it is by `{targets.TARGET}`. Received: {found!s:.200}. Choose one of its "
                "options, as `train.py --help` lists them."
            )
        targets.check(OmegaConf.to_container(found, resolve=True), group)
        return instantiate(config[group], _convert_="all")
    except InstantiationException as error:
        raise _instantiation_error(error, group) from error
    except OmegaConfBaseException as error:
        raise ConfigError(f"`{group}`: {str(error).splitlines()[0]}") from error


def explain(error: ValidationError, group: str) -> str:
    """Tells each of pydantic's complaints as: what must hold, what was received."""
    lines = []
    for complaint in error.errors():
        key = ".".join([*([group] if group else []), *(str(place) for place in complaint["loc"])])
        lines.append(f"`{key}`: {complaint['msg']}. Received: {complaint['input']!r}.")
    return "\n".join(lines)


def _instantiation_error(error: InstantiationException, group: str) -> ConfigError:
    """Finds what the user can mend below Hydra's wrapping."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ValidationError):
            return ConfigError(explain(cause, _full_key(error, group)))
        if isinstance(cause, BitjaruError):
            return ConfigError(str(cause))
        cause = cause.__cause__
    return ConfigError(f"`{group}`: {error}")


def _full_key(error: InstantiationException, group: str) -> str:
    """Hydra names the nested node that failed in its last line, as `full_key: architecture.readout`."""
    _, found, key = str(error).rpartition("full_key: ")
    return key.strip() if found else group
