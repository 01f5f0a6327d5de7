"""A study: Optuna's memory of a search, with what it needs to go on honestly after any interruption."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from bitjaru import formats
from bitjaru.errors import ConfigError
from bitjaru.sweep.study.identity import Identity
from bitjaru.tasks import Direction

IDENTITY, FOLDER, NOTES, ATTEMPTS, OVERRIDES, FAILURE = (
    "identity",
    "folder",
    "notes",
    "attempts",
    "overrides",
    "failure",
)
DIRECTIONS: tuple[Direction, ...] = ("minimize", "maximize")
log = logging.getLogger(__name__)


def open_study(
    name: str,
    storage: BaseStorage,
    identity: Identity,
    *,
    sampler: BaseSampler,
    pruner: BasePruner,
) -> optuna.Study:
    """Makes a study, or takes up the one of this name.

    Raises:
        ConfigError: If a study of this name searched another space, on other data or towards another direction.
        FormatError: If another version of bitjaru began it.
    """
    known = name in optuna.get_all_study_names(storage)
    if known:
        study = optuna.load_study(study_name=name, storage=storage, sampler=sampler, pruner=pruner)
        _check_format(study)
        _compare(study, identity)
    else:
        study = optuna.create_study(
            study_name=name, storage=storage, sampler=sampler, pruner=pruner, directions=list(identity.directions)
        )
    recorded = asdict(identity) | {"directions": list(identity.directions), "format": formats.STUDY}
    if study.user_attrs.get(IDENTITY) != recorded:
        study.set_user_attr(IDENTITY, recorded)
    return study


def unfinished(study: optuna.Study) -> list[FrozenTrial]:
    """Returns the trials that an earlier process left in the middle, in order."""
    return study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))


def take_up(study: optuna.Study, frozen: FrozenTrial) -> optuna.Trial:
    """Returns a trial that is RUNNING already, to suggest, report and tell with.

    Its parameters are the ones it drew before; only those that it did not come to are drawn now.
    """
    return optuna.Trial(study, frozen._trial_id)


def _check_format(study: optuna.Study) -> None:
    if IDENTITY in study.user_attrs or study.get_trials(deepcopy=False):  # else it was killed while it was being made
        advice = (
            "Finish it with the version that began it, or start another: hydra.sweeper.study_name=… names one, "
            "hydra.sweeper.storage=… keeps it elsewhere."
        )
        found = study.user_attrs.get(IDENTITY, {}).get("format")
        formats.check(f"The study {study.study_name}", found, formats.STUDY, advice=advice)


def _compare(study: optuna.Study, identity: Identity) -> None:
    before = [direction.name.lower() for direction in study.directions]
    stored: Mapping[str, Any] = study.user_attrs.get(IDENTITY, {})
    differences = _changes({"direction": ", ".join(before)}, {"direction": ", ".join(identity.directions)})
    differences += _changes(stored.get("space", {}), identity.space)
    differences += _changes(stored.get("settings", {}), identity.settings)
    if stored.get("data") != identity.data:
        differences.append(f"data: sha256 {_short(stored.get('data'))} → {_short(identity.data)}")
    if differences:
        raise ConfigError(
            f"A study must go on with the space, settings and data it began with. Received for {study.study_name}: "
            f"{'; '.join(dict.fromkeys(differences))}. Take back the change, or start another study with "
            "hydra.sweeper.study_name=…"
        )
    if stored.get("code") != identity.code:
        log.warning(
            "The code changed since %s began (%s → %s): its earlier and later trials may differ.",
            study.study_name,
            stored.get("code"),
            identity.code,
        )


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [f"{name}: {before.get(name, 'absent')} → {after.get(name, 'absent')}" for name in names]


def _short(digest: str | None) -> str:
    return "unknown" if digest is None else digest[:12]


def directions_of(named: str | Sequence[str]) -> tuple[Direction, ...]:
    """Reads `hydra.sweeper.direction`.

    Raises:
        ConfigError: If there is none, or one that is neither minimize nor maximize.
    """
    given = [named] if isinstance(named, str) else list(named)
    known = tuple(direction for one in given for direction in DIRECTIONS if direction == one)
    if not given or len(known) < len(given):
        raise ConfigError(
            f"`hydra.sweeper.direction` must be minimize or maximize, or a list of them. Received: {named}."
        )
    return known
