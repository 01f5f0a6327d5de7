"""A model on a team's MLflow server, from its training to another machine that checks who vouches for it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import CHECKOUT
from mlflow_server import MlflowServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen on this machine"),
]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MlflowServer]:
    (tmp_path / "server").mkdir()
    running = MlflowServer(tmp_path / "server")
    running.wait()
    yield running
    running.kill()


@pytest.fixture
def machine(tmp_path: Path, server: MlflowServer) -> Callable[[str], Run]:
    """Returns what runs commands on a machine of that name: a home, a cache and a temporary folder of its own."""

    def named(name: str) -> Run:
        home = tmp_path / name
        for folder in (home, home / "tmp"):
            folder.mkdir()
        for group in ("conf", "sweeps"):
            (home / group).symlink_to(CHECKOUT / group)
        own = {"HOME": home, "BITJARU_HOME": home, "BITJARU_CACHE": home / "cache", "TMPDIR": home / "tmp"}
        environment = {**os.environ, **{key: str(value) for key, value in own.items()}}

        def run(*arguments: str, module: str = "cli") -> "subprocess.CompletedProcess[str]":
            command = [sys.executable, "-m", f"bitjaru.commands.{module}", *arguments]
            for override in ("tracking=server", f"tracking.uri={server.uri}"):
                command += ["--set", override] if arguments[0] in {"verify", "sign"} else [override]
            return subprocess.run(command, cwd=home, env=environment, text=True, capture_output=True, check=False)

        return run

    return named


def test_a_model_signed_on_a_server_is_trusted_on_another_machine(
    machine: Callable[[str], Run], tmp_path: Path
) -> None:
    for name in ("mine", "other"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(tmp_path / name)]
        subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
        public = (tmp_path / name).with_suffix(".pub").read_text()
        (tmp_path / f"signers-{name}").write_text(f"{name}@example.org {public}")

    here, there = machine("here"), machine("there")
    trained = here("-m", "architecture=linear", "dataset.rows=400", "max_len=8", module="train")
    assert trained.returncode == 0, trained.stdout + trained.stderr
    promoted = here("promote", "--force", "--reason", "for a test")
    assert promoted.returncode == 0, promoted.stdout + promoted.stderr

    unsigned = there("verify", "sample-sentiment", "--signers", str(tmp_path / "signers-mine"))
    assert unsigned.returncode == 1
    assert "must be signed" in unsigned.stderr

    signed = here("sign", "sample-sentiment", "--key", str(tmp_path / "mine"))
    assert signed.returncode == 0, signed.stdout + signed.stderr

    verified = there("verify", "sample-sentiment", "--signers", str(tmp_path / "signers-mine"))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "Signed by mine@example.org" in verified.stdout
    strange = there("verify", "sample-sentiment", "--signers", str(tmp_path / "signers-other"))
    assert strange.returncode == 1
    assert "signed by somebody else" in strange.stderr
