"""What the family contract tests share: the options of each config group, read from `conf/`."""

from pathlib import Path

CONF = Path(__file__).parents[1] / "conf"


def options(group: str) -> list[str]:
    """Returns the names of a group's options."""
    return sorted(file.stem for file in (CONF / group).glob("*.yaml"))
