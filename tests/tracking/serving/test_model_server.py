"""The real scoring server under bad input: a proper answer or a reason, never a stack trace, never a dead server."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from served import ask, running
from tiny_linear_model import linear_bundle, save_linear
from tiny_model import save_served

from bitjaru.errors import ConfigError
from bitjaru.models import manifest
from bitjaru.tracking.serving import model_server
from bitjaru.tracking.serving.request.limits import Limits


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(save_linear(tmp_path_factory.mktemp("served"))) as address:
        yield address


def is_proper(answer: requests.Response, rows: int | None = None) -> bool:
    """Tells whether an answer is one row a text, or a reason."""
    if answer.status_code == 200:
        predictions = answer.json()["predictions"]
        return rows is None or len(predictions) == rows
    said = answer.json()
    return (
        answer.status_code in {400, 413}
        and set(said) == {"error_code", "message"}
        and bool(said["message"])
        and "Traceback" not in answer.text
        and ", line " not in answer.text  # as a stack trace has it; a reason may quote the key `.py`
    )


@pytest.mark.parametrize(
    "content",
    [
        {"dataframe_records": [{"text": "great film"}, {"text": "bad"}]},
        {"dataframe_split": {"columns": ["text"], "data": [["great film"], ["bad"]]}},
        {"inputs": ["great film", "bad"]},
        {"inputs": {"text": ["great film", "bad"]}},
        {"instances": [{"text": "great film"}, {"text": "bad"}]},
        {"dataframe_records": [{"id": 1, "text": "great film"}, {"id": 2, "text": "bad", "more": []}]},
    ],
)
def test_every_form_of_input_gets_the_answers_of_the_bundle(server: str, content: Any) -> None:
    predictions = ask(server, content).json()["predictions"]
    expected = linear_bundle().predict(["great film", "bad"])
    assert [each["label"] for each in predictions] == [answer.label for answer in expected]
    assert [each["probability"] for each in predictions] == pytest.approx(
        [answer.probability for answer in expected], abs=1e-6
    )


def test_ping_and_version_answer(server: str) -> None:
    assert requests.get(f"{server}/ping", timeout=5).status_code == 200
    assert requests.get(f"{server}/version", timeout=5).text.startswith("3.")


@pytest.mark.parametrize("text", ["", " \t\n", "😀🎬", "\x00\x07", "great " * 16_000, None, "zzz"])
def test_a_strange_text_is_answered_and_flagged_where_nothing_is_known(server: str, text: str | None) -> None:
    (answer,) = ask(server, {"dataframe_records": [{"text": text}]}).json()["predictions"]
    assert answer["label"] in {"positive", "negative"}
    assert answer["no_known_token"] == (not text or "great" not in text)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ({"inputs": {"text": [None]}}, 1),
        ({"inputs": {"text": [None, "great", None]}}, 3),
        ({"inputs": [None, "great"]}, 2),
        ({"inputs": {"text": []}}, 0),
        ({"inputs": []}, 0),
        ({"instances": []}, 0),
        ({"inputs": {"text": ["great", "bad"], "id": [1, 2]}}, 2),
        ({"inputs": {"text": [1, 2.5]}}, 2),
        ({"dataframe_split": {"columns": ["id", "text"], "data": [[1, None], [2, "bad"]]}}, 2),
    ],
)
def test_nothing_at_all_and_more_than_was_asked_for_get_one_answer_a_row(server: str, content: Any, rows: int) -> None:
    answer = ask(server, content)
    assert answer.status_code == 200
    assert is_proper(answer, rows)


def test_ten_thousand_rows_are_answered_in_their_order(server: str) -> None:
    words = ["great", "bad", "zzz", "film"]
    texts = [words[row % 4] for row in range(10_000)]
    predictions = ask(server, {"dataframe_records": [{"text": text} for text in texts]}).json()["predictions"]
    expected = linear_bundle().predict(words)
    assert len(predictions) == 10_000
    assert all(each["label"] == expected[row % 4].label for row, each in enumerate(predictions))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{bad", "valid JSON"),
        (b"", "valid JSON"),
        (b"\xff\xfe", "valid JSON"),
        (b"[]", "JSON dictionary"),
        (b"{}", "JSON dictionary"),
        (b'{"dataframe_records": [{"text": "\\ud800"}]}', "surrogates"),
        (b'{"dataframe_records": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "recursion"),
        ({"dataframe_records": [{"review": "great"}]}, "missing inputs"),
        ({"dataframe_records": "great"}, "list of records"),
        ({"dataframe_records": [{"text": ["great"]}]}, "must be a string"),
        ({"dataframe_records": [{"text": {"a": 1}}]}, "must be a string"),
        ({"dataframe_records": [{"text": True}, {"text": "great"}]}, "must be a string"),
        ({"dataframe_split": {"columns": ["text", "text"], "data": [["a", "b"]]}}, ""),
        ({"dataframe_split": {"columns": ["text"], "data": [["a"], ["b", "c"]]}}, ""),
        ({"inputs": ["a"], "instances": ["a"]}, "exactly one"),
        ({"inputs": {"review": ["a"]}}, "missing inputs"),
        ({"inputs": {"text": [["a"]]}}, "must be a string"),
        ({"inputs": {"text": ["a", "b"], "id": [1]}}, "schema"),
        (b'{"inputs": {"text": ["\\ud83d"]}}', "surrogates"),
    ],
)
def test_what_cannot_be_answered_gets_a_reason(server: str, content: Any, reason: str) -> None:
    answer = ask(server, content)
    assert answer.status_code == 400
    assert is_proper(answer)
    assert reason in answer.json()["message"]


@pytest.mark.parametrize("kind", ["", "text/html", "application/json; charset=euc-kr", "nonsense"])
def test_a_wrong_content_type_gets_a_reason(server: str, kind: str) -> None:
    answer = ask(server, {"inputs": ["great"]}, **{"content-type": kind})
    assert answer.status_code == 400
    assert is_proper(answer)


def test_csv_is_answered_and_broken_csv_gets_a_reason(server: str) -> None:
    kind = {"content-type": "text/csv"}
    assert len(ask(server, b"text\ngreat\nbad\n", **kind).json()["predictions"]) == 2
    for content in (b'text\n"great', b"\xff\xfe", b""):
        answer = ask(server, content, **kind)
        assert answer.status_code == 400
        assert is_proper(answer)


def test_too_much_at_once_is_refused(server: str) -> None:
    answer = ask(server, b" " * (65 << 20))
    assert (answer.status_code, is_proper(answer)) == (413, True)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TEXTS = st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=5)
# What JSON can hold and no encoding can: half a character.
ODD_TEXTS = st.lists(st.none() | st.text() | st.sampled_from(["\ud800", "a\udc00"]), max_size=5)
FORMS = st.sampled_from(["dataframe_records", "dataframe_split", "inputs", "instances", "text"])


@settings(max_examples=60)
@given(TEXTS)
def test_any_texts_get_one_answer_each(server: str, texts: list[str]) -> None:
    answer = ask(server, {"dataframe_records": [{"text": text} for text in texts]})
    assert answer.status_code == 200
    assert is_proper(answer, len(texts))


@settings(max_examples=100)
@given(st.dictionaries(FORMS, VALUES | st.lists(st.fixed_dictionaries({"text": VALUES}), max_size=3), max_size=2))
def test_any_json_gets_an_answer_or_a_reason(server: str, content: dict[str, Any]) -> None:
    assert is_proper(ask(server, content))


@settings(max_examples=40)
@given(ODD_TEXTS, st.sampled_from(["inputs", "dataframe_split", "dataframe_records"]))
def test_missing_texts_and_half_characters_get_one_answer_each_or_a_reason(
    server: str, texts: list[str | None], form: str
) -> None:
    contents = {
        "inputs": {"text": texts, "id": list(range(len(texts)))},
        "dataframe_split": {"columns": ["id", "text"], "data": [[1, text] for text in texts]},
        "dataframe_records": [{"text": text} for text in texts],
    }
    assert is_proper(ask(server, {form: contents[form]}), len(texts))


@settings(max_examples=40)
@given(st.binary(max_size=60), st.sampled_from(["application/json", "text/csv", "application/vnd.apache.parquet"]))
def test_any_bytes_get_an_answer_or_a_reason(server: str, content: bytes, kind: str) -> None:
    assert is_proper(ask(server, content, **{"content-type": kind}))


def test_the_server_still_answers_after_all_that(server: str) -> None:
    assert len(ask(server, {"inputs": ["great"]}).json()["predictions"]) == 1


def test_reviews_that_come_together_get_each_its_own_answer(server: str) -> None:
    texts = [f"{word} film number {number}" for number in range(60) for word in ("great", "bad", "zzz")]
    expected = [answer.probability for answer in linear_bundle().predict(texts)]

    def one(text: str) -> float:
        return float(ask(server, {"dataframe_records": [{"text": text}]}).json()["predictions"][0]["probability"])

    with ThreadPoolExecutor(24) as pool:
        assert list(pool.map(one, texts)) == pytest.approx(expected, abs=1e-6)


def test_the_probabilities_of_all_classes_come_when_they_are_asked_for(server: str) -> None:
    for form in ({"dataframe_records": [{"text": "great"}]}, {"inputs": ["great"]}):
        (row,) = ask(server, {**form, "params": {"probabilities": True}}).json()["predictions"]
        shares = [value for name, value in row.items() if name.startswith("probability of ")]
        assert len(shares) == 2
        assert sum(shares) == pytest.approx(1, abs=1e-6)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server with a name, a token and narrow limits."""
    folder = save_linear(tmp_path_factory.mktemp("guarded"))
    limits = Limits(rows=10, megabytes=1, waiting=20)
    with running(folder, model="films/3", data_sha256="d" * 64, token="s3cret", limits=limits) as address:
        yield address, folder


def asked(server: str, content: Any, **headers: str) -> requests.Response:
    return ask(server, content, authorization="Bearer s3cret", **headers)


def test_every_answer_names_the_model_and_the_sum_of_its_files(guarded: tuple[str, Path]) -> None:
    server, folder = guarded
    _, port = server.rsplit(":", 1)
    with socket.create_connection(("127.0.0.1", int(port)), timeout=10) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        said = connection.recv(4096).decode().lower()
    assert said.startswith("http/1.1 400")
    assert f"x-model-sha256: {manifest.sum_of(folder / 'data')}" in said
    answers = {
        200: asked(server, {"inputs": ["great"]}),
        400: asked(server, {"outputs": ["great"]}),
        401: ask(server, {"inputs": ["great"]}),
        404: requests.get(f"{server}/nothing", headers={"authorization": "Bearer s3cret"}, timeout=5),
        405: requests.delete(f"{server}/ping", timeout=5),
        413: asked(server, {"inputs": ["great"] * 11}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["x-model"] == "films/3"
        assert answer.headers["x-model-sha256"] == manifest.sum_of(folder / "data")
        assert answer.headers["x-data-sha256"] == "d" * 64
        assert "server" not in answer.headers


def test_a_token_is_asked_for_and_health_is_not(guarded: tuple[str, Path]) -> None:
    server, _ = guarded
    refused = ask(server, {"inputs": ["great"]})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert ask(server, {"inputs": ["great"]}, authorization="Bearer other").status_code == 401
    assert requests.get(f"{server}/metrics", timeout=5).status_code == 401
    assert requests.get(f"{server}/ping", timeout=5).status_code == 200


def counts(server: str) -> dict[str, float]:
    text = requests.get(f"{server}/metrics", headers={"authorization": "Bearer s3cret"}, timeout=5).text
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_metrics_count_requests_reviews_and_seconds(guarded: tuple[str, Path]) -> None:
    server, _ = guarded
    asked(server, {"inputs": ["great"]})
    before = counts(server)
    asked(server, {"dataframe_records": [{"text": "great"}, {"text": "bad"}]})
    asked(server, {"nothing": 1})
    after = counts(server)
    ok, bad = ('bitjaru_requests_total{status="200"}', 'bitjaru_requests_total{status="400"}')
    assert after[ok] - before[ok] == 1
    assert after[bad] - before.get(bad, 0) == 1
    assert after["bitjaru_reviews_total"] - before["bitjaru_reviews_total"] == 2
    assert after['bitjaru_request_seconds_bucket{le="+Inf"}'] == after["bitjaru_request_seconds_count"]


def test_what_is_over_a_limit_is_refused_at_once_with_the_limit(guarded: tuple[str, Path]) -> None:
    server, _ = guarded
    rows = [{"text": "great"}] * 11
    for content in ({"dataframe_records": rows}, {"inputs": ["great"] * 11}, {"inputs": {"text": ["great"] * 11}}):
        answer = asked(server, content)
        assert (answer.status_code, "10 rows. Received: 11" in answer.json()["message"]) == (413, True)
    assert asked(server, b"text\n" + b"great\n" * 11, **{"content-type": "text/csv"}).status_code == 413
    assert asked(server, b" " * (2 << 20)).status_code == 413
    many = {"dataframe_records": [{"text": "great film " * 1_000}] * 10}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: asked(server, many), range(48)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 503)
    assert is_proper(asked(server, {"inputs": ["great"]}), 1)


@pytest.mark.slow
def test_the_code_beside_a_model_is_never_imported(tmp_path: Path) -> None:
    folder = save_served(tmp_path)
    poisoned = folder / "code" / "bitjaru"
    poisoned.mkdir(parents=True, exist_ok=True)
    (poisoned / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nraise SystemExit(1)\n")
    with running(folder) as server:
        assert is_proper(ask(server, {"inputs": ["great"]}), 1)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_other_machines_need_a_token_or_an_explicit_word(host: str) -> None:
    with pytest.raises(ConfigError, match="must ask for a token"):
        model_server.check_access(host, "", insecure=False)
    model_server.check_access(host, "s3cret", insecure=False)
    model_server.check_access(host, "", insecure=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_needs_none(host: str) -> None:
    model_server.check_access(host, "", insecure=False)
