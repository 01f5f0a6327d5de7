"""What a promotion writes down: tags of the run, tags and description of the version, the event in the history."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from bitjaru.promotion.check import Check
from bitjaru.reporting.sheet import Sheet
from bitjaru.tracking.registry.candidate import Candidate
from bitjaru.tracking.registry.history import Event
from bitjaru.tracking.registry.version import Version
from bitjaru.tracking.runs import provenance

PASSED, REFUSED, FORCED = "passed", "refused", "forced"


def verdict(checks: Sequence[Check], *, reason: str | None) -> str:
    """Returns `passed`, `refused`, or `forced` where a reason passes over a refusal."""
    if all(check.passed for check in checks):
        return PASSED
    return REFUSED if reason is None else FORCED


def run_tags(checks: Sequence[Check], *, reason: str | None) -> dict[str, str]:
    """Tells on the run what the gate said."""
    faults = [f"{check.name}: {check.figure}. {check.note}".strip() for check in checks if not check.passed]
    return {"gate": verdict(checks, reason=reason), "gate.reasons": "\n".join(faults) or "none"}


def version_tags(run: Candidate, checks: Sequence[Check], *, reason: str | None) -> dict[str, str]:
    """Tells on the version what it was judged by, and where it comes from."""
    known = {
        "data_sha256": run.tags.get("data_sha256"),
        "git_commit": run.tags.get("mlflow.source.git.commit"),
        "git_dirty": run.tags.get("mlflow.source.git.dirty"),
        "sweep": run.parent,
        "engine": run.tags.get("engine"),
        "gate": verdict(checks, reason=reason),
        "gate.forced_because": reason if verdict(checks, reason=reason) == FORCED else None,
        **{f"gate.{check.name.replace(' ', '_')}": f"{check.result}: {check.figure}" for check in checks},
        **{name: f"{value:.4f}" for name, value in run.metrics.items() if name in {"test_accuracy", "objective"}},
    }
    return {key: value for key, value in known.items() if value is not None}


def description(sheet: Sheet, run: Candidate, card: str, *, reason: str | None) -> str:
    """Writes the gate's table and the model card for the registry's page."""
    overrides = run.tags.get("overrides") or "none"
    lines = [sheet.markdown(), f"Run `{run.run_id}`, overrides: `{overrides}`."]
    if reason is not None:
        lines.append(f"Reason given: {reason}")
    return "\n\n".join([*lines, card])


def promotion(
    run: Candidate, checks: Sequence[Check], version: Version, champion: Version | None, *, reason: str | None
) -> Event:
    """Makes the event of a promotion."""
    forced = verdict(checks, reason=reason) == FORCED
    return Event(
        id=uuid.uuid4().hex,
        time=now(),
        who=provenance.user(),
        action="promote",
        origin=None if champion is None else champion.number,
        target=version.number,
        run_id=run.run_id,
        why=reason or "passed the gate",
        forced=forced,
        figures={check.name: check.figure for check in checks},
    )


def rollback(*, why: str) -> Event:
    """Makes the event of a rollback; the registry fills in from where to where."""
    return Event(
        id=uuid.uuid4().hex,
        time=now(),
        who=provenance.user(),
        action="rollback",
        origin=None,
        target="",
        run_id=None,
        why=why,
        forced=False,
    )


def now() -> str:
    """Returns the time as the history writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
