"""The description of the server against what it takes and says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from served import ask, running
from tiny_linear_model import save_linear

from bitjaru.tracking.serving import openapi
from bitjaru.tracking.serving.request.limits import Limits
from bitjaru.tracking.serving.settings import Settings

LIMITS = Limits(rows=5, characters=20)
TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=25) | st.integers() | st.booleans()
RECORD = st.fixed_dictionaries({}, optional={"text": TEXT, "id": st.integers()})
ROWS = st.lists(TEXT | RECORD, max_size=7)
TABLE = st.fixed_dictionaries(
    {"columns": st.lists(st.sampled_from(["text", "id"]), max_size=2), "data": st.lists(st.lists(TEXT, max_size=2))}
)
COLUMNS = st.fixed_dictionaries({}, optional={"text": st.lists(TEXT, max_size=2)})
FORMS = st.fixed_dictionaries(
    {},
    optional={
        "dataframe_records": ROWS,
        "dataframe_split": TABLE,
        "inputs": ROWS | COLUMNS,
        "instances": ROWS,
        "params": st.none() | st.fixed_dictionaries({}, optional={"probabilities": st.booleans() | st.integers()}),
        "more": ROWS,
    },
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(save_linear(tmp_path_factory.mktemp("described")), limits=LIMITS) as address:
        yield address


@pytest.fixture(scope="module")
def described(server: str) -> dict[str, Any]:
    content: dict[str, Any] = requests.get(f"{server}/openapi.json", timeout=5).json()
    return content


def fits(described: dict[str, Any], schema: dict[str, Any], content: Any) -> bool:
    return bool(Draft202012Validator({**schema, "components": described["components"]}).is_valid(content))


def numbers(content: Any) -> Iterator[int]:
    if isinstance(content, int):
        yield content
    elif isinstance(content, dict | list):
        for each in content.values() if isinstance(content, dict) else content:
            yield from numbers(each)


def unsaid(content: dict[str, Any]) -> Iterator[str]:
    """Yields why the server may refuse what fits its description: a schema cannot say it."""
    yield "a value for each column"
    table = content.get("dataframe_split") or {"data": []}
    if any(isinstance(each, bool) for row in table["data"] for each in row):  # which of its columns is the text
        yield "Every `text` must be a string"
    if any(len(str(each)) > LIMITS.characters for each in numbers(content)):  # as a text
        yield f"A text may hold {LIMITS.characters}"


def check_answer(described: dict[str, Any], path: str, answer: requests.Response) -> None:
    method = (answer.request.method or "").lower()
    told = described["paths"][path][method]["responses"][str(answer.status_code)]
    (kind,) = told["content"]
    assert answer.headers["content-type"].split(";")[0] == kind
    assert set(told["headers"]) <= {name.lower() for name in answer.headers}
    content = answer.json() if kind == "application/json" else answer.text
    assert fits(described, told["content"][kind]["schema"], content), content


@settings(max_examples=150)
@given(FORMS)
def test_what_the_description_takes_is_answered_and_the_rest_refused_as_it_says(
    server: str, described: dict[str, Any], content: dict[str, Any]
) -> None:
    answer = ask(server, content)
    check_answer(described, "/invocations", answer)
    schema = described["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    if answer.status_code == 200:
        assert fits(described, schema, content)
    elif fits(described, schema, content):
        assert re.search("|".join(unsaid(content)), answer.json()["message"])


def test_every_page_that_is_described_answers_as_described(server: str, described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        if "get" in methods:
            check_answer(described, path, requests.get(f"{server}{path}", timeout=5))


def test_every_refusal_of_a_guarded_server_is_described(tmp_path: Path) -> None:
    with running(save_linear(tmp_path), token="s3cret", hosts=("127.0.0.1",), limits=LIMITS) as server:
        token = {"authorization": "Bearer s3cret"}
        described = requests.get(f"{server}/openapi.json", headers=token, timeout=5).json()
        assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
        for path in ("/ping", "/ready", "/metrics", "/docs", "/openapi.json", "/version"):
            for headers in ({}, token, {"host": "example.org"}):
                check_answer(described, path, requests.get(f"{server}{path}", headers=headers, timeout=5))
        for content, headers in (({}, {}), ({}, token), ({"inputs": ["a"] * 6}, token), ({"inputs": ["a"]}, token)):
            check_answer(described, "/invocations", ask(server, content, **headers))


def test_the_limits_in_the_description_are_those_of_the_server() -> None:
    text = json.dumps(openapi.describe(Settings(folder="", limits=Limits(rows=123, characters=45, megabytes=6))))
    assert '"maxItems": 123' in text
    assert '"maxLength": 45' in text
    assert "6 MB, 123 rows, 45 characters" in text


def test_the_page_loads_nothing_from_anywhere(server: str) -> None:
    page = requests.get(f"{server}/docs", timeout=5).text
    assert "POST /invocations" in page
    assert not re.search(r"<script|<link|src=|https?://", page)
