"""What tells runs apart: the overrides in which they differ."""

from collections.abc import Iterable, Mapping, Sequence

from bitjaru.reporting.wording import short

ABSENT = "absent"


def parse(overrides: Iterable[str]) -> dict[str, str]:
    """Returns key and value of each override; one that deletes (`~key`) has the value `absent`."""
    parsed = {}
    for override in overrides:
        key, equals, value = override.partition("=")
        deletes = key.startswith("~")
        parsed[key.lstrip("+~")] = ABSENT if deletes or not equals else value
    return parsed


def differing(runs: Sequence[Iterable[str]], *, without: Sequence[str] = ("architecture",)) -> list[dict[str, str]]:
    """Returns for each run those of its overrides in which the runs are not all alike.

    A knob that only one architecture has tells nothing where all runs of that architecture have it alike.

    Args:
        runs: The overrides of each run.
        without: Keys that are told elsewhere.
    """
    parsed = [parse(run) for run in runs]
    keys = dict.fromkeys(key for run in parsed for key in run if key not in without)
    alike = {key for key in keys if _alike(key, parsed)}
    return [{key: run[key] for key in keys if key in run and key not in alike} for run in parsed]


def shortened(keys: Iterable[str]) -> dict[str, str]:
    """Returns the last word of each dotted key, with as many words before it as keep the keys apart."""
    keys = list(dict.fromkeys(keys))
    names = {}
    for key in keys:
        words = key.split(".")
        endings = (".".join(words[-taken:]) for taken in range(1, len(words) + 1))
        names[key] = next((end for end in endings if not _ambiguous(end, key, keys)), key)
    return names


def label(changed: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Returns overrides in one line, `units=64 max_len=40`, under these names."""
    return " ".join(f"{names.get(key, key)}={short(value)}" for key, value in changed.items())


def _alike(key: str, runs: Sequence[Mapping[str, str]]) -> bool:
    having = {run.get("architecture") for run in runs if key in run}
    its_own = key.startswith("architecture.")
    asked = [run for run in runs if not its_own or run.get("architecture") in having]
    return len({run.get(key) for run in asked}) == 1


def _ambiguous(end: str, key: str, keys: Sequence[str]) -> bool:
    return any(other != key and (other == end or other.endswith(f".{end}")) for other in keys)
