"""Any command line: real keys with odd values, and any text. It gives a run's parts, or one error for a person.

PYTHONPATH=benchmarks python -m storm.overrides --examples 5000 --seed 1
"""

import argparse
import json
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

PREFIXES = ("", "", "", "", "+", "++", "~")
NUMBERS = ("0", "-1", "1", "1e400", "nan", "-inf", "1_000", "0x10", "9" * 400, "1e-400", "٣", "1.", ".5", "+3")
QUOTED = ("'a", '"a', "'a'b", "''", '""', "'\\'", "a'b", "'a,b'", "\\", "a\\", "a\\,b", "'${seed}'", "`a`")
BRACKETS = (
    "[",
    "]",
    "{",
    "}",
    "[1,2",
    "{a:1",
    "[[[]]]",
    "{a:{b:[1]}}",
    "{1:2,a:}",
    "[1,]",
    "{}",
    "[]",
    "(1",
    "[" * 300,
)
POINTERS = (
    *("${seed}", "${nope}", "${", "${}", "${oc.env:HOME}", "${oc.env:NOPE}", "${..seed}", "${.}", "${max_len}", "???"),
    *("${choose:a,{b:1}}", "${choose:a}", "${project:}", "${project:1}", "${oc.decode:[}", "${oc.create:{a:1}}", "$"),
    *(
        "${hydra:runtime.cwd}",
        "${optimizer}",
        "${architecture.units}x",
        "${oc.select:nope}",
        "${a.b[0].c}",
        "${now:%Y}",
    ),
)
SWEPT = (
    "1,2",
    "choice(1,2)",
    "range(1,3)",
    "interval(1,2)",
    "tag(log,interval(1,2))",
    "glob(*)",
    "choice()",
    "int(1.5)",
)
TEXTS = (
    "",
    " ",
    "null",
    "true",
    "NaN",
    "감성",
    "a b",
    "😀",
    "a=b",
    "a: b",
    "#a",
    "*a",
    "&a",
    "@",
    "..",
    "/",
    "a\nb",
    "\x00",
)
TARGETS = (
    "os.system",
    "bitjaru.architectures.recurrent.Recurrent",
    "bitjaru.architectures",
    "bitjaru.nope.Nope",
    ".",
    "1",
)
OWN = (
    "hydra.run.dir",
    "hydra.job.name",
    "hydra/launcher",
    "hydra.sweeper.n_trials",
    "hydra.verbose",
    "hydra",
    "hydra.mode",
)


def values() -> SearchStrategy[str]:
    """Values that people type by mistake, and worse."""
    known = (NUMBERS, QUOTED, BRACKETS, POINTERS, SWEPT, TEXTS, TARGETS)
    plain = st.one_of(*(st.sampled_from(each) for each in known), st.integers().map(str), st.floats().map(str))
    listed = st.lists(plain, max_size=3).map(lambda each: f"[{','.join(each)}]")
    mapped = st.dictionaries(st.sampled_from(("a", "units", "_target_", "1")), plain, max_size=3).map(
        lambda each: "{" + ",".join(f"{key}:{value}" for key, value in each.items()) + "}"
    )
    return st.one_of(plain, plain, listed, mapped, st.text(max_size=20))


def overrides(keys: Sequence[str], groups: dict[str, Sequence[str]]) -> SearchStrategy[list[str]]:
    """One to three overrides.

    Args:
        keys: Of the composed config, with their dots.
        groups: Config groups with their options.
    """
    options = st.sampled_from(sorted(groups)).flatmap(
        lambda group: st.sampled_from(groups[group]).map(lambda option: f"{group}={option}")
    )
    strange = st.sampled_from(("", ".a", "[0]", "@a", "@_global_", ":b", ".", "._target_", ".a.b.c", " ", "'"))
    key = st.one_of(st.sampled_from(keys), st.sampled_from(keys), st.sampled_from(sorted(groups)), st.sampled_from(OWN))
    odd = st.tuples(st.sampled_from(PREFIXES), key, st.one_of(st.just(""), st.just(""), strange), values())
    structured = odd.map(lambda each: f"{each[0]}{each[1]}{each[2]}={each[3]}")
    deleted = st.sampled_from(keys).map(lambda each: f"~{each}")
    return st.lists(st.one_of(structured, structured, options, deleted, st.text(max_size=30)), min_size=1, max_size=3)


def answer(line: Sequence[str]) -> str:
    """Composes and builds; returns `parts`, or the sentence of the error.

    Raises:
        Exception: Whatever is no error for a person.
    """
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from bitjaru.command_line import explain
    from bitjaru.configuration import build, compose_config
    from bitjaru.errors import BitjaruError

    try:
        config = compose_config(line)
        build(config)
        OmegaConf.to_container(config, resolve=True)
    except (BitjaruError, HydraException, OmegaConfBaseException) as error:
        return explain(error)
    return "parts"


def known() -> tuple[list[str], dict[str, Sequence[str]]]:
    """Returns every key of the config as it stands, and every group with its options."""
    from bitjaru import project
    from bitjaru.configuration import compose_config

    keys = [key for key in _flat(compose_config([]), "") if "hydra" not in key]
    groups: dict[str, Sequence[str]] = {}
    for folder in sorted(path for path in project.conf().rglob("*") if path.is_dir() and "hydra" not in path.parts):
        if options := sorted(path.stem for path in folder.glob("*.yaml")):
            groups[folder.relative_to(project.conf()).as_posix()] = options
    return keys, groups


def _flat(node: Any, place: str) -> list[str]:
    found = []
    for name in node:
        here = f"{place}.{name}".lstrip(".")
        found.append(here)
        value = node._get_node(name)
        if hasattr(value, "keys") and not value._is_none() and not value._is_interpolation():
            found += _flat(value, here)
    return found


@dataclass
class Answers:
    """What became of many command lines.

    Attributes:
        counts: How many gave `parts`, an `error` for a person, or a `traceback`.
        findings: Of each place in the code that raised something else, the shortest line that led there.
    """

    counts: Counter[str] = field(default_factory=Counter)
    findings: dict[str, list[str]] = field(default_factory=dict)

    def add(self, line: list[str]) -> None:
        """Tries one."""
        try:
            said = answer(line)
        except Exception as error:  # this is what is looked for
            self.counts["traceback"] += 1
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"
            if len(str(line)) < len(str(self.findings.get(place, "-" * 9999))):
                self.findings[place] = line
            return
        self.counts["parts" if said == "parts" else "error"] += 1
        if not said.strip():
            self.findings["an empty error"] = line


def check(examples: int, *, start: int) -> Answers:
    """Tries so many command lines."""
    answers = Answers()
    keys, groups = known()

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(overrides(keys, groups))
    def one(line: list[str]) -> None:
        answers.add(line)

    one()
    return answers


def main() -> None:
    """Prints how many lines gave what, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    answers = check(options.examples, start=options.seed)
    findings = [f"{line}: {place}" for place, line in answers.findings.items()]
    sys.stdout.write(json.dumps({"answers": answers.counts, "findings": findings}) + "\n")


if __name__ == "__main__":
    main()
