"""The manifest finds out whoever changes a saved model."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bitjaru.configuration import compose_config
from bitjaru.errors import BundleError
from bitjaru.models import manifest
from bitjaru.models.bundle import Bundle
from bitjaru.runs import single_run
from bitjaru.runs.record import Request


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    overrides = ["architecture=linear", "tracking=off", "dataset.rows=200"]
    request = Request(config=compose_config(overrides), folder=folder, number=None, choices={}, overrides=overrides)
    single_run.run(request)
    return folder


@pytest.fixture
def bundle(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved / "bundle", tmp_path / "bundle"))


def test_a_saved_model_is_what_its_manifest_says(bundle: Path) -> None:
    manifest.check(bundle)
    assert Bundle.load(bundle).predict(["좋다"])
    before = manifest.sum_of(bundle)
    manifest.write(bundle)
    assert manifest.sum_of(bundle) == before


def test_every_file_is_in_it_and_any_changed_byte_is_found(bundle: Path) -> None:
    files = [path for path in bundle.rglob("*") if path.is_file() and path.name != manifest.FILE]
    assert {"config.yaml", "weights.npz", "ngrams.json", "test.npz"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(BundleError, match=f"`{path.relative_to(bundle).as_posix()}`.*sha256 is another one"):
            manifest.check(bundle)
        path.write_bytes(content)
    manifest.check(bundle)


def test_files_that_are_missing_added_longer_or_elsewhere_are_named(bundle: Path, tmp_path: Path) -> None:
    (bundle / "more.py").write_text("x")
    with pytest.raises(BundleError, match=r"`more\.py`.*which was added"):
        manifest.check(bundle)
    (bundle / "more.py").unlink()
    whole = (bundle / "ngrams.json").read_bytes()
    (bundle / "ngrams.json").write_bytes(whole + b" ")
    with pytest.raises(BundleError, match=r"`ngrams\.json`.*bytes instead of"):
        manifest.check(bundle)
    (bundle / "ngrams.json").unlink()
    with pytest.raises(BundleError, match=r"`ngrams\.json`.*which is missing"):
        manifest.check(bundle)
    (tmp_path / "outside.json").write_bytes(whole)
    (bundle / "ngrams.json").symlink_to(tmp_path / "outside.json")
    with pytest.raises(BundleError, match=r"`ngrams\.json`.*which lies elsewhere"):
        manifest.check(bundle)


def test_a_packed_file_that_unpacks_to_terabytes_is_refused_before_it_is_read(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(bundle / "weights.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("idf.npy", b"0" * 50_000_000)
    manifest.write(bundle)
    assert (bundle / "weights.npz").stat().st_size < 100_000
    monkeypatch.setattr(manifest, "MOST_BYTES", 40_000_000)
    with pytest.raises(BundleError, match=r"at most .* unpacked"):
        Bundle.load(bundle)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 1}', '{"format": 9, "files": {}}', '{"format": 1, "files": {"a": {}}}']
)
def test_a_manifest_that_is_none_is_refused(text: str, bundle: Path) -> None:
    (bundle / manifest.FILE).write_text(text)
    with pytest.raises(BundleError, match="must list the model's files"):
        Bundle.load(bundle)
    (bundle / manifest.FILE).unlink()
    with pytest.raises(BundleError, match="must have its manifest"):
        Bundle.load(bundle)


def test_the_command_says_which_file_differs_and_loads_nothing(saved: Path, bundle: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bitjaru.commands.cli", "verify"]
    well = subprocess.run([*command, str(saved)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert well.returncode == 0
    assert "All files are those that were saved" in well.stdout
    (bundle / "card.md").write_text("another")
    ill = subprocess.run([*command, str(bundle)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ill.returncode == 1
    assert "`card.md`" in ill.stderr
