"""How long a tracked model takes for one review alone, from raw text to the answer.

    python benchmarks/alone.py RUN [--reviews 300]

The reviews are those of the test part of the run's own data. Each is asked for by itself, as a server does that gets
them one by one; the first twenty warm up and do not count.
"""

import argparse
import time
from statistics import median, quantiles

from bitjaru.configuration import build_part, compose_config
from bitjaru.models.bundle import Bundle
from bitjaru.tracking.models.files import local_folder
from bitjaru.tracking.models.trained_on import corpus_of
from bitjaru.tracking.registry.candidate import candidate

WARM_UP = 20


def main() -> None:
    """Prints the median, the 90 % quantile and the least, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--reviews", type=int, default=300)
    asked = parser.parse_args()
    uri = build_part(compose_config([]), "tracking").uri
    run = candidate(uri, asked.run)
    bundle = Bundle.load(local_folder(uri, run.source) / "data")
    test = corpus_of(uri, run).splits.test
    texts = [] if test is None else list(test.texts[: WARM_UP + asked.reviews])
    times = []
    for text in texts:
        started = time.perf_counter()
        bundle.predict([text])
        times.append(1_000 * (time.perf_counter() - started))
    kept = times[WARM_UP:]
    high = quantiles(kept, n=10)[-1]
    print(f"{len(kept)} reviews alone: median {median(kept):.2f} ms, 90 % {high:.2f} ms, least {min(kept):.2f} ms")


if __name__ == "__main__":
    main()
