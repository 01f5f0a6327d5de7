"""From config nodes to parts. Nothing here reads data or imports TensorFlow, so that mistakes show at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import Field, PositiveInt, ValidationError

from bitjaru import override_help, project, targets
from bitjaru.architectures import Architecture, FittedAtOnce
from bitjaru.architectures.embedding import Learned
from bitjaru.architectures.views import Reading, View, Views, VocabularySize
from bitjaru.config_values import choose
from bitjaru.data.examples import Side
from bitjaru.datasets import Dataset
from bitjaru.errors import BitjaruError, ConfigError, TokenizerError
from bitjaru.optimizers import Optimizer
from bitjaru.options import part
from bitjaru.tasks import Task, Writer
from bitjaru.tokenizers import Tokenizer
from bitjaru.training.trainer import Trainer

OWN_VIEW = "tokens"  # of a model that reads a review in one way: with the run's own tokenizer
GROUPS = ("dataset", "tokenizer", "task", "architecture", "optimizer", "trainer", "tracking")


@part
class Settings:
    """The knobs that belong to no group.

    Attributes:
        max_len: T.
        vocab_size: V at most, padding and out-of-vocabulary included; None for every word.
        padding: Where a short review is filled up.
        train_fraction: Share of the training part that is learned from.
        seed: Of weights, shuffling and dropout, and of which reviews that share are.
    """

    max_len: PositiveInt
    vocab_size: VocabularySize | None
    padding: Side
    train_fraction: Annotated[float, Field(gt=0, le=1)]
    seed: Annotated[int, Field(ge=0, lt=2**32)]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that a run is made of, checked."""

    dataset: Dataset
    tokenizer: Tokenizer
    task: Task
    architecture: Architecture | Views | FittedAtOnce
    optimizer: Optimizer
    trainer: Trainer
    tracking: Any
    settings: Settings

    @property
    def reading(self) -> Reading:
        """How the model reads a review."""
        return _reading(self.tokenizer, self.architecture, self.settings)

    @property
    def engines(self) -> Sequence[str]:
        """Names and versions of whatever cuts the texts."""
        if isinstance(self.architecture, FittedAtOnce):
            return [self.architecture.engine]
        return list(dict.fromkeys(view.tokenizer.engine for view in self.reading.views.values()))

    @property
    def trimmed(self) -> Mapping[str, bool]:
        """Whether each view's batches are cut to their longest example, so that its encoder must take any length.

        Raises:
            ConfigError: If the trainer wants that and an encoder reads the padding.
        """
        views = self.reading.views
        return {name: self.trainer.batches.trims(masked=view.encoder.embedding.mask) for name, view in views.items()}

    @property
    def trims(self) -> bool:
        """Whether whole batches are cut, those of the one view; several views cut their columns themselves."""
        trimmed = self.trimmed
        return len(trimmed) == 1 and all(trimmed.values())


def build(config: DictConfig) -> Parts:
    """Makes every part of a composed config.

    Raises:
        ConfigError: If a key or value cannot be used, or the package of a tokenizer that is read with is missing.
    """
    parts = {group: build_part(config, group) for group in GROUPS}
    made = Parts(**parts, settings=_settings(config))
    _check_installed(made)
    _check_together(made)
    return made


def build_reading(config: DictConfig) -> Reading:
    """Returns how the model of a composed config reads a review.

    Raises:
        ConfigError: If a key or value cannot be used.
    """
    return _reading(build_part(config, "tokenizer"), build_part(config, "architecture"), _settings(config))


def _settings(config: DictConfig) -> Settings:
    names = ("max_len", "vocab_size", "padding", "train_fraction", "seed")
    try:
        return Settings(**{name: config[name] for name in names})
    except ValidationError as error:
        raise ConfigError(explain(error, "")) from error


def _reading(tokenizer: Tokenizer, architecture: Architecture | Views | FittedAtOnce, settings: Settings) -> Reading:
    """Returns the views of an architecture that has any, or the one that the tokenizer and the settings make.

    What reads the texts themselves has none.
    """
    if isinstance(architecture, FittedAtOnce):
        return Reading({}, None)
    if isinstance(architecture, Views):
        return Reading(architecture.views, architecture.readout)
    view = View(
        tokenizer=tokenizer,
        max_len=settings.max_len,
        vocab_size=settings.vocab_size,
        vocabulary="counted",
        padding=settings.padding,
        encoder=architecture,
    )
    return Reading({OWN_VIEW: view}, None)


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


def _check_together(parts: Parts) -> None:
    """Refuses parts that do not suit each other."""
    if isinstance(parts.task, Writer) and not isinstance(parts.architecture, Architecture):
        raise ConfigError(
            "A task that answers with words needs an architecture that reads with the run's own tokenizer. Received: "
            f"{type(parts.architecture).__name__}. Choose another one, for example `architecture=lstm`."
        )
    _ = parts.trimmed  # refuses a trainer that does not suit an encoder
    _check_trainer(parts)


def _check_installed(parts: Parts) -> None:
    """Refuses a tokenizer whose package is missing, before any data is downloaded for it."""
    try:
        for view in parts.reading.views.values():  # Python 3.11 asks for its engine already as a view is made
            _ = view.tokenizer.engine
    except TokenizerError as error:
        raise ConfigError(f"{error} Or add a tokenizer that is installed to the command: `tokenizer=kiwi`.") from error


def _check_trainer(parts: Parts) -> None:
    if parts.trainer.label_smoothing and isinstance(parts.task, Writer):
        raise ConfigError(
            "`trainer.label_smoothing` is for tasks with classes. Received: "
            f"{parts.trainer.label_smoothing} with {type(parts.task).__name__}. Set it to 0."
        )
    views = parts.reading.views
    if not parts.trainer.adversarial_epsilon:
        return
    if fixed := [name for name, view in views.items() if not isinstance(view.encoder.embedding, Learned)]:
        raise ConfigError(
            "`trainer.adversarial_epsilon` moves words in a learned embedding. Received: "
            f"{type(views[fixed[0]].encoder.embedding).__name__}, of {fixed[0]}. Choose "
            "`architecture/embedding=learned`, or set it to 0."
        )


def explain(error: ValidationError, group: str) -> str:
    """Tells each of pydantic's complaints as: what must hold, what was received."""
    lines = []
    for complaint in error.errors():
        key = ".".join([*([group] if group else []), *(str(place) for place in complaint["loc"])])
        lines.append(f"`{key}`: {complaint['msg']}. Received: {complaint['input']!r}.")
    return "\n".join(lines)


def register_resolvers() -> None:
    """Makes `${project:}` mean the project's home, and `${search_path:}` where its options are. Safe to call again."""
    OmegaConf.register_new_resolver("project", lambda: str(project.home()), replace=True)
    OmegaConf.register_new_resolver("search_path", project.search_path, replace=True)
    OmegaConf.register_new_resolver("choose", choose, replace=True)


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
