"""From a run to the registry, through the gate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bitjaru.errors import ConfigError, TrackingError
from bitjaru.models import manifest
from bitjaru.models.bundle import facts_of
from bitjaru.promotion import documents
from bitjaru.promotion.check import Check, table
from bitjaru.promotion.checks import TO_PROMOTE, TO_REGISTER
from bitjaru.promotion.contender import Contender
from bitjaru.promotion.evidence import Evidence
from bitjaru.promotion.gate import Gate
from bitjaru.reporting.sheet import Sheet
from bitjaru.tracking.destination import Tracking, store_of
from bitjaru.tracking.registry.best_run import best_of_last_group
from bitjaru.tracking.registry.candidate import Candidate, annotate, candidate
from bitjaru.tracking.registry.registry import Registry
from bitjaru.tracking.registry.version import CHALLENGER, CHAMPION, MANIFEST, MODEL_ID, MODEL_MANIFEST, Version

ALIASES = (CHAMPION, CHALLENGER)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the user asks for.

    Attributes:
        run_id: None means the best run of the last search or grid.
        model: Name in the registry; None makes it from data set and task.
        alias: `champion`, or `challenger` to register only.
        dry: Whether nothing is to be changed.
        reason: Why a refusal is to be passed over; None respects it.
        new_data: Whether the champion may be evaluated on other data.
    """

    run_id: str | None
    model: str | None
    alias: str
    dry: bool
    reason: str | None
    new_data: bool


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it.

    Attributes:
        model: Name in the registry.
        run: That was put forward.
        checks: Of the gate.
        version: That was registered; None if nothing was changed.
    """

    model: str
    run: Candidate
    checks: Sequence[Check]
    version: Version | None

    @property
    def passed(self) -> bool:
        """Whether every check was."""
        return all(check.passed for check in self.checks)

    @property
    def sheet(self) -> Sheet:
        """The gate's table."""
        return table(self.checks, title=f"{self.model} · run {self.run.name} ({self.run.run_id})")


def promote(wish: Wish, gate: Gate, tracking: Tracking) -> Result:
    """Sends a run's model through the gate and, if it passes, into the registry.

    Raises:
        ConfigError: If the alias cannot be given.
        TrackingError: If there is no such run, runs are not tracked, or another promotion came first.
        BitjaruError: If the model cannot be loaded or its data is gone.
    """
    if wish.alias not in ALIASES:
        raise ConfigError(
            f"`--alias` must be one of {', '.join(ALIASES)}. Received: {wish.alias!r}. A promotion sets `previous`."
        )
    uri = store_of(tracking)
    run = best_of_last_group(uri) if wish.run_id is None else candidate(uri, wish.run_id)
    name = wish.model or f"{run.tags.get('dataset', 'model')}-{run.tags.get('task', 'model')}"
    _check_name(name)
    registry = Registry(uri)
    champion = registry.holder(name, CHAMPION)
    if champion is not None and champion.tags.get(MODEL_ID) == run.model_id and wish.alias == CHAMPION:
        raise TrackingError(
            f"A challenger must be another model than the champion. Received: {champion}, run {run.name}."
        )
    challenger = Contender(uri=uri, name=f"run {run.name}", source=run.source, data_sha256=run.tags.get("data_sha256"))
    facts_of(challenger.bundle)  # an old champion still answers with its own code; nothing old becomes champion
    evidence = Evidence(
        gate=gate,
        tracking=tracking,
        run=run,
        challenger=challenger,
        champion=None if champion is None else _contender(uri, champion),
        new_data=wish.new_data,
    )
    checks = [check(evidence) for check in (TO_PROMOTE if wish.alias == CHAMPION else TO_REGISTER)]
    result = Result(model=name, run=run, checks=checks, version=None)
    if wish.dry:
        return result
    annotate(uri, run.run_id, documents.run_tags(checks, reason=wish.reason))
    if not result.passed and wish.reason is None:
        return result
    version = registry.register(
        name,
        run,
        tags=documents.version_tags(run, checks, reason=wish.reason) | sums(evidence.challenger),
        description=documents.description(result.sheet, run, evidence.challenger.card, reason=wish.reason),
    )
    if wish.alias == CHAMPION:
        event = documents.promotion(run, checks, version, champion, reason=wish.reason)
        registry.promote(name, event)
    return replace(result, version=version)


def sums(challenger: Contender) -> dict[str, str]:
    """Returns the tags that hold a version to its files; an older model has no manifest of its surroundings."""
    around = challenger.folder / manifest.FILE
    beside = {MODEL_MANIFEST: manifest.sum_of(challenger.folder)} if around.is_file() else {}
    return {MANIFEST: manifest.sum_of(challenger.bundle), **beside}


def _check_name(name: str) -> None:
    """What stands before an alias or a number must not look like one; MLflow itself refuses only some of it."""
    if not name.strip() or any(mark in name for mark in "@/:'\""):
        raise ConfigError(
            f"`--model` must be a name without @ / : and quotes, which mark aliases and versions. Received: {name!r}. "
            "Write for example `--model nsmc-sentiment`; `--alias` names the alias."
        )


def _contender(uri: str, version: Version) -> Contender:
    return Contender(uri=uri, name=str(version), source=version.source, data_sha256=version.tags.get("data_sha256"))
