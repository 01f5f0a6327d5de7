"""From a project's `conf/` and overrides to one config, as `train.py` composes it."""

from collections.abc import Sequence

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf

from bitjaru import override_help, project
from bitjaru.config_values import choose
from bitjaru.errors import ConfigError


def compose_config(overrides: Sequence[str]) -> DictConfig:
    """Composes the project's config as `python train.py OVERRIDES` would.

    Raises:
        ConfigError: If Hydra stumbles over a setting.
        HydraException: If it refuses one.
    """
    register_resolvers()
    project.make_importable()
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(project.conf()), version_base="1.3"):
            return compose("config", overrides=list(overrides))
    except override_help.STUMBLES as error:
        if not override_help.is_about_settings(error):
            raise
        raise ConfigError(override_help.explain_stumble(error)) from error


def register_resolvers() -> None:
    """Makes `${project:}` mean the project's home, and `${search_path:}` where its options are. Safe to call again."""
    OmegaConf.register_new_resolver("project", lambda: str(project.home()), replace=True)
    OmegaConf.register_new_resolver("search_path", project.search_path, replace=True)
    OmegaConf.register_new_resolver("choose", choose, replace=True)
