"""Answers raw reviews with a bundle, for `answers.py`: `python answers_ours.py BUNDLE TEXTS ROWS`."""

import json
import sys
import time
from pathlib import Path

from bitjaru.models.bundle import Bundle


def main() -> None:
    """Prints the seconds, and which reviews are positive."""
    bundle = Bundle.load(Path(sys.argv[1]))
    texts = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))[: int(sys.argv[3])]
    bundle.predict(texts[:1])  # starts Java
    started = time.perf_counter()
    answers = bundle.predict(texts)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "positive": [answer.label == "positive" for answer in answers]}))


if __name__ == "__main__":
    main()
