"""The runs of a search, read out of a database file without MLflow, which takes seconds to make a thousand entities.

Read only where `store_check` knows that the installed MLflow opens this database with these tables. What is read agrees
with what MLflow's client says, which a test holds it to; where anything is otherwise, MLflow is asked.
"""

import math
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from bitjaru.tracking.store.store_check import read_without_mlflow

NAME = "mlflow.runName"
CHILDREN = """
    SELECT runs.run_uuid, runs.name, runs.status, runs.start_time, runs.end_time FROM runs
    JOIN tags ON tags.run_uuid = runs.run_uuid AND tags.key = 'mlflow.parentRunId' AND tags.value = ?
    JOIN experiments ON experiments.experiment_id = runs.experiment_id
    WHERE runs.lifecycle_stage = 'active' AND experiments.lifecycle_stage = 'active'
    ORDER BY runs.start_time DESC, runs.run_uuid LIMIT ?
"""
OF_CHILDREN = "run_uuid IN (SELECT run_uuid FROM tags WHERE key = 'mlflow.parentRunId' AND value = ?)"
INPUTS = f"""
    SELECT inputs.destination_id, inputs.input_uuid, datasets.dataset_profile FROM inputs
    JOIN datasets ON datasets.dataset_uuid = inputs.source_id
    WHERE inputs.destination_type = 'RUN' AND inputs.destination_id IN (SELECT run_uuid FROM runs WHERE {OF_CHILDREN})
"""  # noqa: S608 - of this file


def children(uri: str, parent: str, most: int) -> list[Any] | None:
    """Reads the runs below another one, the newest first, with the attributes of MLflow's entity that are used of it.

    Args:
        uri: Of the store.
        parent: Id of the run above them.
        most: So many at most.

    Returns:
        None where MLflow must be asked.
    """
    return read_without_mlflow(uri, lambda connection: _read(connection, parent, most))


def _read(connection: sqlite3.Connection, parent: str, most: int) -> list[Any] | None:
    if connection.execute("SELECT 1 FROM experiments WHERE workspace != 'default'").fetchone():
        return None
    params, tags = (_pairs(connection, table, parent) for table in ("params", "tags"))
    metrics, inputs = _metrics(connection, parent), _inputs(connection, parent)
    return [
        SimpleNamespace(
            info=SimpleNamespace(
                run_id=run, run_name=name or tags[run].get(NAME), status=status, start_time=started, end_time=ended
            ),
            data=SimpleNamespace(metrics=metrics[run], params=params[run], tags=tags[run]),
            inputs=SimpleNamespace(dataset_inputs=inputs[run]),
        )
        for run, name, status, started, ended in connection.execute(CHILDREN, (parent, most))
    ]


def _pairs(connection: sqlite3.Connection, table: str, parent: str) -> Mapping[str, dict[str, str]]:
    found = defaultdict[str, dict[str, str]](dict)
    query = f"SELECT run_uuid, key, value FROM {table} WHERE {OF_CHILDREN}"  # noqa: S608 - names of ours
    for run, key, value in connection.execute(query, (parent,)):
        found[run][key] = value
    return found


def _metrics(connection: sqlite3.Connection, parent: str) -> Mapping[str, dict[str, float]]:
    found = defaultdict[str, dict[str, float]](dict)
    query = f"SELECT run_uuid, key, value, is_nan FROM latest_metrics WHERE {OF_CHILDREN}"  # noqa: S608 - of this file
    for run, key, value, is_nan in connection.execute(query, (parent,)):
        found[run][key] = math.nan if is_nan else value
    return found


def _inputs(connection: sqlite3.Connection, parent: str) -> Mapping[str, Sequence[Any]]:
    tags = defaultdict[str, list[Any]](list)
    rows = connection.execute(INPUTS, (parent,)).fetchall()
    known = {own for _, own, _ in rows}
    for own, name, value in connection.execute("SELECT input_uuid, name, value FROM input_tags"):
        if own in known:
            tags[own].append(SimpleNamespace(key=name, value=value))
    found = defaultdict[str, list[Any]](list)
    for run, own, profile in rows:
        found[run].append(SimpleNamespace(dataset=SimpleNamespace(profile=profile), tags=tags[own]))
    return found
