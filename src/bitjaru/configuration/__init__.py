"""From config nodes to parts. Nothing here reads data or imports TensorFlow, so that mistakes show at once."""

from omegaconf import DictConfig

from bitjaru.configuration import suitability
from bitjaru.configuration.composing import compose_config, register_resolvers
from bitjaru.configuration.part import build_part, explain
from bitjaru.configuration.parts import GROUPS, OWN_VIEW, Parts, Settings, build_reading, parts_of

__all__ = [
    "GROUPS",
    "OWN_VIEW",
    "Parts",
    "Settings",
    "build",
    "build_part",
    "build_reading",
    "compose_config",
    "explain",
    "register_resolvers",
]


def build(config: DictConfig) -> Parts:
    """Makes every part of a composed config.

    Raises:
        ConfigError: If a key or value cannot be used, or the package of a tokenizer that is read with is missing.
    """
    parts = parts_of(config)
    suitability.check(parts)
    return parts
