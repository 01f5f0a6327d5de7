"""Values that a config works out of others."""

from collections.abc import Mapping
from typing import Any

from bitjaru.errors import ConfigError


def choose(key: str, values: Mapping[str, Any]) -> Any:
    """Returns the value of a key: `${choose:${.labels},{polarity:[negative,positive],ratings:["1","2"]}}`.

    Raises:
        ConfigError: If there is none.
    """
    if key not in values:
        raise ConfigError(f"A choice must be one of {', '.join(map(str, values))}. Received: {key!r}.")
    return values[key]
