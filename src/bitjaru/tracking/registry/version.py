"""A registered version of a model, as MLflow's registry has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

CHALLENGER, CHAMPION, PREVIOUS = "challenger", "champion", "previous"
MODEL_ID = "model_id"
MANIFEST = "manifest_sha256"  # of the manifest of the model's data when it was registered
MODEL_MANIFEST = "model_manifest_sha256"  # of the manifest of what MLflow keeps beside the data


@dataclass(frozen=True, kw_only=True)
class Version:
    """A registered version.

    Attributes:
        name: Of the model.
        number: As MLflow writes it, `3`.
        aliases: That point to it.
        tags: Of the version.
        description: Markdown.
        source: Where its files are.
        run_id: Of the run that made it.
        created: When it was registered.
    """

    name: str
    number: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    description: str
    source: str
    run_id: str | None
    created: datetime

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"


def read_version(found: Any, aliases: Mapping[str, str]) -> Version:
    """Reads MLflow's entity; `aliases` are those of the model, with the number that each points to."""
    return Version(
        name=found.name,
        number=str(found.version),
        aliases=tuple(sorted(alias for alias, number in aliases.items() if number == str(found.version))),
        tags=found.tags,
        description=found.description or "",
        source=found.source,
        run_id=found.run_id or None,
        created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
    )
