import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bitjaru.tracking.serving.request.rows import RowCounter

TEXTS = st.text(st.sampled_from('ab"\\[]{},\n가')) | st.text()
CONTENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=20,
)


def longest_list(content: Any) -> int:
    """Returns the length of the longest list of two elements and more, however deep; else 0."""
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    own = len(content) if isinstance(content, list) and len(content) > 1 else 0
    return max([own, *map(longest_list, inner)])


@given(CONTENTS, st.booleans(), st.lists(st.integers(0, 300), max_size=8))
def test_the_longest_list_is_counted_wherever_the_body_is_cut(content: Any, ascii_only: bool, cuts: list[int]) -> None:
    body = json.dumps(content, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    counter = RowCounter()
    for start, end in pairwise(places):
        counter.feed(body[start:end])
    assert counter.rows == longest_list(content)


@given(st.binary())
def test_any_bytes_are_followed(body: bytes) -> None:
    assert RowCounter().feed(body) >= 0


def test_rows_are_known_before_the_body_is_whole() -> None:
    counter = RowCounter()
    assert counter.feed(b'{"dataframe_records": [{"text": "a, b"}, {"te') == 2
    assert counter.feed(b'xt": "[1,2,3,4"}, {') == 3
