"""A registered version is held to its files, and its signature stays with them."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_model import tiny_bundle
from tracking.registry.promotions import NAME, event

from bitjaru.commands.model.registered_model import check_signed, find
from bitjaru.commands.model.verify import sign, verify
from bitjaru.errors import BundleError
from bitjaru.models import manifest
from bitjaru.outcome import Outcome
from bitjaru.promotion.contender import Contender
from bitjaru.promotion.promote import sums
from bitjaru.tracking.registry.candidate import candidate
from bitjaru.tracking.registry.registry import Registry
from bitjaru.tracking.runs.run import Run


@dataclass(frozen=True)
class Registered:
    """A registry with one version, and how a command is told of it."""

    registry: Registry
    overrides: list[str]


@pytest.fixture
def registered(begin: Callable[..., Run], outcome: Outcome, home: Path, mlruns: Path, tmp_path: Path) -> Registered:
    run = begin()
    tiny_bundle().save(tmp_path / "bundle")
    run.model(tmp_path / "bundle", examples=["great film"])
    run.finish(outcome)
    uri = f"sqlite:///{mlruns}/mlflow.db"
    made = candidate(uri, str(run.run_id))
    contender = Contender(uri=uri, name="r", source=made.source, data_sha256=None)
    Registry(uri).register(NAME, made, tags=sums(contender), description="")
    return Registered(Registry(uri), [f"tracking.uri='{uri}'", f"tracking.artifact_root='{mlruns}/artifacts'"])


def test_files_that_were_changed_with_their_manifest_are_not_those_that_were_registered(
    registered: Registered,
) -> None:
    place = find(f"{NAME}/1", registered.overrides)
    assert place.model is not None
    assert place.manifests == [place.folder, place.model]
    for folder, name in ((place.model, "code/bitjaru/errors.py"), (place.folder, "config.yaml")):
        kept = (folder / manifest.FILE).read_bytes()
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content + b"\n")
        manifest.write(folder, around="data" if folder == place.model else None)
        with pytest.raises(BundleError, match="must be those that were registered"):
            find(f"{NAME}/1", registered.overrides)
        (folder / name).write_bytes(content)
        (folder / manifest.FILE).write_bytes(kept)
    (place.model / manifest.FILE).unlink()
    with pytest.raises(BundleError, match="must have its manifest"):
        find(f"{NAME}/1", registered.overrides)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen on this machine")
def test_a_signature_stays_with_a_version_that_is_promoted(
    registered: Registered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    signers = tmp_path / "signers"
    signers.write_text(f"team@example.org {(tmp_path / 'key.pub').read_text()}")
    with pytest.raises(BundleError, match="must be signed"):
        verify(f"{NAME}/1", signers=signers, overrides=registered.overrides)
    sign(f"{NAME}/1", key=tmp_path / "key", overrides=registered.overrides)
    registered.registry.promote(NAME, event(None, "1"))
    verify(f"{NAME}@champion", signers=signers, overrides=registered.overrides)
    assert capsys.readouterr().out.count("Signed by team@example.org") == 2
    place = find(NAME, registered.overrides)
    (place.folder / "config.yaml").write_text("seed: 43")
    with pytest.raises(BundleError, match=r"`config\.yaml`"):
        sign(NAME, key=tmp_path / "key", overrides=registered.overrides)
    assert len(check_signed(place, signers)) == 2
