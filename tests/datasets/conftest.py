from collections.abc import Iterator

import pytest
from publisher import Publisher, publishing


@pytest.fixture(autouse=True)
def _no_local_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BITJARU_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running
