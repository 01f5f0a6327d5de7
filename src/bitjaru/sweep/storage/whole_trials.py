"""A new trial in one go: Optuna asks a database twice for each of its knobs, and writes each on its own."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from optuna.distributions import BaseDistribution, check_distribution_compatibility, distribution_to_json
from optuna.storages import BaseStorage, RDBStorage
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import func, insert

from bitjaru.errors import TrackingError


def whole(storage: BaseStorage, database: RDBStorage) -> BaseStorage:
    """Returns a storage that writes down a trial with six statements, however many knobs it has.

    Args:
        storage: As Optuna gives it out, a cache before the database. Everything else is asked of it.
        database: Where the trials go.
    """
    return cast("BaseStorage", _Whole(storage, database))


@dataclass
class _Whole:
    """Fits `BaseStorage`.

    The rows are Optuna's own, made of its models (`RDBStorage._get_prepared_new_trial` is the source of what is in
    them), so that Optuna and its dashboard read them like any others.
    """

    _behind: BaseStorage
    _database: RDBStorage
    _distributions: dict[int, dict[str, BaseDistribution]] = field(default_factory=dict)  # by study, the first ones
    _last: tuple[int, int, int] | None = None  # study, number and id of the trial made last

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_behind":  # a copy in the making has nothing behind it yet
            raise AttributeError(name)
        return getattr(self._behind, name)

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Makes a trial; one that runs and has no value yet in one go, under a lock of the study's row.

        Raises:
            TrackingError: If somebody else has made the trial of this number; nothing is written then.
            ValueError: If a knob was of another kind in this study, or had other choices.
        """
        if template_trial is None or not _begins(template_trial):
            return self._behind.create_new_trial(study_id, template_trial)
        self._check_knobs(study_id, template_trial)
        number = template_trial.number
        with self._database.scoped_session() as session, session.begin():
            models.StudyModel.find_or_raise_by_id(study_id, session, for_update=True)
            if (there := self._count(session, study_id)) != number:
                raise another_writer(there, number)
            row = models.TrialModel(study_id=study_id, number=number, state=template_trial.state)
            row.datetime_start = template_trial.datetime_start or datetime.now()  # noqa: DTZ005 - Optuna's times are local
            session.add(row)
            session.flush()
            trial_id = int(row.trial_id)
            for model, rows in _rows(trial_id, template_trial):
                if rows:
                    session.execute(insert(model), rows)
        self._last = (study_id, number, trial_id)
        return trial_id

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:
        """Knows the trial made last."""
        if self._last is not None and self._last[:2] == (study_id, trial_number):
            return self._last[2]
        return self._behind.get_trial_id_from_study_id_trial_number(study_id, trial_number)

    def delete_study(self, study_id: int) -> None:
        self._behind.delete_study(study_id)
        self._distributions.pop(study_id, None)  # a database gives the numbers out again
        self._last = None

    def _count(self, session: Any, study_id: int) -> int:
        """Counts a study's trials; after the first time only those since the one that was made last."""
        known, newest = 0, -1
        if self._last is not None and self._last[0] == study_id:
            known, newest = self._last[1] + 1, self._last[2]
        trials = session.query(func.count(models.TrialModel.trial_id))
        since = trials.filter(models.TrialModel.study_id == study_id, models.TrialModel.trial_id > newest)
        return known + int(since.scalar())

    def _check_knobs(self, study_id: int, trial: FrozenTrial) -> None:
        if study_id not in self._distributions:
            self._distributions[study_id] = {}
            for one in self._behind.get_all_trials(study_id, deepcopy=False):
                self._distributions[study_id] = {**one.distributions, **self._distributions[study_id]}
        known = self._distributions[study_id]
        for name, distribution in trial.distributions.items():
            check_distribution_compatibility(known.setdefault(name, distribution), distribution)


def another_writer(there: int, expected: int) -> TrackingError:
    """Makes the error of a study that somebody else has written to."""
    return TrackingError(
        f"Nobody else may write to a study while it is searched. Received: trial {there} where "
        f"{expected} was next. End what else uses the study, and run the same command."
    )


def _begins(trial: FrozenTrial) -> bool:
    return trial.state == TrialState.RUNNING and not trial.values and not trial.intermediate_values


def _rows(trial_id: int, trial: FrozenTrial) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Returns what stands in each table."""
    knobs = [
        {
            "trial_id": trial_id,
            "param_name": name,
            "param_value": distribution.to_internal_repr(trial.params[name]),
            "distribution_json": distribution_to_json(distribution),
        }
        for name, distribution in trial.distributions.items()
    ]
    user, system = (
        [{"trial_id": trial_id, "key": key, "value_json": json.dumps(value)} for key, value in attributes.items()]
        for attributes in (trial.user_attrs, trial.system_attrs)
    )
    return [
        (models.TrialParamModel, knobs),
        (models.TrialUserAttributeModel, user),
        (models.TrialSystemAttributeModel, system),
    ]
