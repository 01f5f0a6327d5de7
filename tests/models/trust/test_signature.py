"""Signatures over a model's manifest, by the real ssh-keygen with keys made for the test."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bitjaru.commands.model.registered_model import Place, check_signed
from bitjaru.errors import BundleError, ConfigError
from bitjaru.models import manifest
from bitjaru.models.trust import signature

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen on this machine")


def key(folder: Path, name: str) -> Path:
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
    subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    return folder / name


def allowed(folder: Path, *keys: Path, options: str = "") -> Path:
    lines = [f"{each.name}@example.org {options} {each.with_suffix('.pub').read_text()}" for each in keys]
    (folder / "signers").write_text("".join(lines))
    return folder / "signers"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return key(tmp_path, "mine")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.yaml").write_text("seed: 42")
    manifest.write(folder)
    return folder


def test_a_signed_model_names_its_signer_wherever_it_is_copied(model: Path, mine: Path, tmp_path: Path) -> None:
    signature.sign(model, mine)
    signers = allowed(tmp_path, key(tmp_path, "other"), mine)
    assert signature.check(model, signers) == "mine@example.org"
    copy = shutil.copytree(model, tmp_path / "elsewhere")
    assert signature.check(copy, signers) == "mine@example.org"
    manifest.check(copy)


def test_signing_again_takes_the_place_of_the_signature(model: Path, mine: Path, tmp_path: Path) -> None:
    signature.sign(model, key(tmp_path, "other"))
    signature.sign(model, mine)
    assert signature.check(model, allowed(tmp_path, mine)) == "mine@example.org"


def test_an_unsigned_model_is_refused(model: Path, mine: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"must be signed .*without `manifest\.json\.sig`.*bitjaru sign"):
        signature.check(model, allowed(tmp_path, mine))


def test_somebody_elses_signature_is_refused(model: Path, mine: Path, tmp_path: Path) -> None:
    signature.sign(model, key(tmp_path, "other"))
    with pytest.raises(BundleError, match="signed by somebody else"):
        signature.check(model, allowed(tmp_path, mine))


def test_a_key_that_is_no_longer_valid_is_refused(model: Path, mine: Path, tmp_path: Path) -> None:
    signature.sign(model, mine)
    with pytest.raises(BundleError, match="no longer valid"):
        signature.check(model, allowed(tmp_path, mine, options='valid-before="20200101"'))


def test_a_manifest_that_was_changed_after_signing_is_refused(model: Path, mine: Path, tmp_path: Path) -> None:
    signature.sign(model, mine)
    kept = (model / manifest.SIGNATURE).read_text()
    (model / "config.yaml").write_text("seed: 43")
    manifest.write(model)  # whoever changes a file can change the manifest too
    assert not (model / manifest.SIGNATURE).exists()
    (model / manifest.SIGNATURE).write_text(kept)
    with pytest.raises(BundleError, match="changed after mine@example"):
        signature.check(model, allowed(tmp_path, mine))


def test_a_file_that_was_changed_after_signing_is_found_by_the_manifest(model: Path, mine: Path) -> None:
    signature.sign(model, mine)
    manifest.check(model)
    (model / "config.yaml").write_text("seed: 43")
    with pytest.raises(BundleError, match=r"`config\.yaml`.*sha256 is another one"):
        manifest.check(model)


def test_a_signature_for_something_else_does_not_hold(model: Path, mine: Path, tmp_path: Path) -> None:
    content = (model / manifest.FILE).read_bytes()
    command = ["ssh-keygen", "-Y", "sign", "-f", str(mine), "-n", "git"]
    signed = subprocess.run(command, input=content, capture_output=True, check=True)
    (model / manifest.SIGNATURE).write_bytes(signed.stdout)
    with pytest.raises(BundleError, match="Do not use it"):
        signature.check(model, allowed(tmp_path, mine))


@pytest.mark.parametrize("content", [b"", b"x", b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"])
def test_a_damaged_signature_is_refused(content: bytes, model: Path, mine: Path, tmp_path: Path) -> None:
    (model / manifest.SIGNATURE).write_bytes(content)
    with pytest.raises(BundleError, match="Do not use it"):
        signature.check(model, allowed(tmp_path, mine))


def test_files_that_are_missing_or_no_key_are_said(model: Path, mine: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`--key` must name a file with a key"):
        signature.sign(model, tmp_path / "none")
    with pytest.raises(ConfigError, match="`--signers` must name a file of allowed signers"):
        signature.check(model, tmp_path / "none")
    with pytest.raises(ConfigError, match="`--key` must be a key that can sign"):
        signature.sign(model, model / "config.yaml")
    with pytest.raises(BundleError, match="must have its manifest"):
        signature.sign(tmp_path, mine)


def test_a_machine_without_ssh_keygen_is_told_so(
    model: Path, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature.sign(model, mine)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"need `ssh-keygen`.*openssh-client"):
        signature.check(model, allowed(tmp_path, mine))


def test_where_mlflow_keeps_more_both_manifests_must_be_signed(model: Path, mine: Path, tmp_path: Path) -> None:
    around = tmp_path / "around"
    shutil.copytree(model, around / "data")
    (around / "code").mkdir()
    (around / "code" / "evil.py").write_text("print(1)")
    manifest.write(around, around="data")
    place = Place(folder=around / "data", model=around)
    signature.sign(around / "data", mine)
    with pytest.raises(BundleError, match="must be signed"):
        check_signed(place, allowed(tmp_path, mine))
    signature.sign(around, mine)
    assert set(check_signed(place, allowed(tmp_path, mine)).values()) == {"mine@example.org"}
    manifest.check(around, around="data")
    (around / "code" / "evil.py").write_text("print(2)")
    with pytest.raises(BundleError, match=r"`code/evil\.py`.*sha256 is another one"):
        manifest.check(around, around="data")
