import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.reporting.wording import count, decimals, duration, milliseconds, percent, short


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0, "0.00 s"),
        (0.42, "0.42 s"),
        (0.996, "1.0 s"),
        (7.24, "7.2 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (599.9, "10 min"),
        (2_160, "36 min"),
        (3_599, "1 h 00 min"),
        (3_725, "1 h 02 min"),
    ],
)
def test_a_duration_reads_as_a_person_would_say_it(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(0, 3e6), st.floats(0, 3e6))
def test_a_longer_duration_never_reads_shorter(one: float, other: float) -> None:
    assert _seconds(duration(min(one, other))) <= _seconds(duration(max(one, other)))


def _seconds(text: str) -> float:
    words = text.split()
    size = {"s": 1.0, "min": 60.0, "h": 3600.0}
    return sum(float(value) * size[unit] for value, unit in zip(words[::2], words[1::2], strict=True))


def test_figures_have_one_form() -> None:
    assert decimals(0.85416) == "0.8542"
    assert decimals(None) == "–"
    assert count(4_611_713) == "4,611,713"
    assert count(None) == "–"
    assert percent(1, 8) == "12.5 %"
    assert percent(0, 0) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.00123456789", "0.001235"),
        ("1e-05", "1e-05"),
        ("128", "128"),
        ("123456789", "123456789"),
        ("cnn_lstm", "cnn_lstm"),
        ("[ic,jks]", "[ic,jks]"),
    ],
)
def test_only_long_fractions_are_shortened(value: str, text: str) -> None:
    assert short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0.00"), (0.00432, "0.0043"), (0.0995, "0.1"), (0.138, "0.14"), (5.891, "5.89")],
)
def test_milliseconds_of_a_fast_model_are_not_0(value: float | None, text: str) -> None:
    assert milliseconds(value) == text
