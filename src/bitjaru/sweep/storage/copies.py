"""Every row of a study's file stands there twice: a digit that changed on the disk looks like any other digit.

SQLite looks at its pages and indexes, and not at what is in a row. So each of Optuna's tables has a second one beside
it, which triggers fill in the transaction of the first, whoever writes: this package, Optuna itself, or its dashboard.
"""

# ruff: noqa: S608 - the names in these statements are ours and Optuna's

import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = (
    *("studies", "study_directions", "study_user_attributes", "study_system_attributes"),
    *("trials", "trial_params", "trial_values", "trial_intermediate_values"),
    *("trial_user_attributes", "trial_system_attributes", "version_info"),
)
PREFIX = "bitjaru_copy_"
SECONDS_TO_WAIT = 20


def keep(file: Path) -> None:
    """Has every row that is written from now on written twice; what is there already is taken as it is.

    Raises:
        sqlite3.Error: If the file cannot be written.
    """
    with closing(sqlite3.connect(file, timeout=SECONDS_TO_WAIT, isolation_level=None)) as connection:
        if all(_is_kept(connection, table) for table in _tables(connection)):
            return
        connection.execute("BEGIN IMMEDIATE")
        for table in _tables(connection):
            if not _is_kept(connection, table):
                _begin(connection, table)
        connection.execute("COMMIT")


def difference(connection: sqlite3.Connection) -> str | None:
    """Returns the first row that is not what its copy is, in words; None if there is none.

    Tables without a copy, of an earlier version or changed by Optuna since, are left out: `keep` sees to them.
    """
    for table in _tables(connection):
        if not _is_kept(connection, table):
            continue
        differ = " OR ".join(f"it.{_quoted(name)} IS NOT copy.{_quoted(name)}" for name in _columns(connection, table))
        both = f"{table} it LEFT JOIN {PREFIX}{table} copy ON copy.row_id = it.rowid"
        lost = f"SELECT row_id FROM {PREFIX}{table} WHERE row_id NOT IN (SELECT rowid FROM {table})"
        for asked in (f"SELECT it.rowid FROM {both} WHERE copy.row_id IS NULL OR {differ}", lost):
            if (found := connection.execute(f"{asked} LIMIT 1").fetchone()) is not None:
                return f"row {found[0]} of its table {table} is not what the copy of that row is"
    return None


def _begin(connection: sqlite3.Connection, table: str) -> None:
    for name, _ in _parts(connection, table):
        connection.execute(f"DROP {'TABLE' if name == PREFIX + table else 'TRIGGER'} IF EXISTS {name}")
    for _, sql in _parts(connection, table):
        connection.execute(sql)
    columns = ", ".join(map(_quoted, _columns(connection, table)))
    connection.execute(f"INSERT INTO {PREFIX}{table} SELECT rowid, {columns} FROM {table}")


def _is_kept(connection: sqlite3.Connection, table: str) -> bool:
    there = dict(connection.execute("SELECT name, sql FROM sqlite_schema"))
    return all(there.get(name) == sql for name, sql in _parts(connection, table))


def _parts(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """Returns name and SQL of a table's copy and its triggers. Its columns have no type: values stay as they are."""
    columns = [_quoted(name) for name in _columns(connection, table)]
    copy = f"{PREFIX}{table}"
    forget = f"DELETE FROM {copy} WHERE row_id = old.rowid;"
    remember = f"INSERT OR REPLACE INTO {copy} VALUES (new.rowid, {', '.join(f'new.{name}' for name in columns)});"
    changes = {"insert": remember, "update": f"{forget} {remember}", "delete": forget}
    return [
        (copy, f"CREATE TABLE {copy} (row_id INTEGER PRIMARY KEY, {', '.join(columns)})"),
        *(
            (f"{copy}_{change}", f"CREATE TRIGGER {copy}_{change} AFTER {change} ON {table} BEGIN {does} END")
            for change, does in changes.items()
        ),
    ]


def _tables(connection: sqlite3.Connection) -> list[str]:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return [table for table in TABLES if table in there]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
