"""The registered models of a database file, read without MLflow: importing it takes longer than a model's answer.

Read only where `store_check` knows that the installed MLflow opens this database with these tables. What is read agrees
with what MLflow's client says, which a test holds it to; where anything is otherwise, MLflow is asked.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from bitjaru.tracking.store.store_check import read_without_mlflow

PROMPT, DELETED = "mlflow.prompt.is_prompt", "Deleted_Internal"
COLUMNS = ("name", "version", "creation_timestamp", "description", "source", "run_id")


@dataclass(frozen=True)
class RegisteredRows:
    """All registered models as they were at one moment.

    Attributes:
        aliases: Of each model, by its name: the number that each points to.
        versions: Of each model, with the attributes of MLflow's entity.
    """

    aliases: Mapping[str, Mapping[str, str]]
    versions: Mapping[str, Sequence[Any]]


def registered_rows(uri: str) -> RegisteredRows | None:
    """Reads the registered models of a store; None where MLflow must be asked."""
    return read_without_mlflow(uri, _read)


def _read(connection: sqlite3.Connection) -> RegisteredRows | None:
    models = connection.execute("SELECT name, workspace FROM registered_models").fetchall()
    if any(workspace != "default" for _, workspace in models):
        return None
    prompts = _tagged(connection, "registered_model_tags", "name")
    aliases: dict[str, dict[str, str]] = {name: {} for name, _ in models if (name,) not in prompts}
    for name, alias, number in connection.execute("SELECT name, alias, version FROM registered_model_aliases"):
        if name in aliases:
            aliases[name][alias] = str(number)
    return RegisteredRows(aliases, _versions(connection))


def _versions(connection: sqlite3.Connection) -> Mapping[str, Sequence[Any]]:
    tags: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for name, number, key, value in connection.execute("SELECT name, version, key, value FROM model_version_tags"):
        tags[name, number][key] = value
    prompts = _tagged(connection, "model_version_tags", "name, version")
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(
        "SELECT name, version, creation_time, description, source, run_id FROM model_versions "
        "WHERE current_stage != ? ORDER BY name, version",
        (DELETED,),
    ):
        if row[:2] not in prompts:
            found[row[0]].append(SimpleNamespace(**dict(zip(COLUMNS, row, strict=True)), tags=tags[row[:2]]))
    return found


def _tagged(connection: sqlite3.Connection, table: str, columns: str) -> set[tuple[Any, ...]]:
    """Returns what MLflow keeps beside models and is none: prompts."""
    query = f"SELECT {columns} FROM {table} WHERE key = ? AND lower(value) = 'true'"  # noqa: S608 - names of ours
    return set(connection.execute(query, (PROMPT,)))
