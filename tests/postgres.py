"""A real PostgreSQL server of a test's own: started, restarted, and its connections cut."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER = "postgres"  # the server refuses to run as root


@dataclass(frozen=True)
class Server:
    """A server on 127.0.0.1.

    Attributes:
        programs: Folder of its programs.
        folder: Of its data.
        port: That it listens on.
    """

    programs: Path
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-l", f"{self.folder}.log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-m", "immediate", "stop")

    def cut_connections(self) -> int:
        """Ends every connection but its own; returns how many."""
        import psycopg

        others = "pid <> pg_backend_pid() AND datname IS NOT NULL"
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        with psycopg.connect(self.address.replace("+psycopg", "")) as connection:
            return len(connection.execute(cut).fetchall())

    def content(self) -> bytes:
        """Everything in the database, as text."""
        dump = [str(self.programs / "pg_dump"), self.address.replace("+psycopg", "")]
        return subprocess.run(dump, check=True, capture_output=True).stdout

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", USER, "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


@contextmanager
def postgres() -> Iterator[Server]:
    """Runs a server with an empty database."""
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL's server: apt-get install postgresql")
    top = Path(tempfile.mkdtemp(prefix="bitjaru-postgres-"))
    server = Server(programs, top / "data", _free_port())
    try:
        if os.getuid() == 0:
            shutil.chown(top, USER, USER)
        server._run("initdb", "-D", str(server.folder), "-U", USER, "-A", "trust", "-N")
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(top, ignore_errors=True)


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    return found[-1].parent if found else None if named is None else Path(named).resolve().parent


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
