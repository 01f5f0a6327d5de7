"""What a server has done since it started, in Prometheus's text format."""

import time
from collections import Counter
from dataclasses import dataclass, field

KIND = b"text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass
class Metrics:
    """Counts of one process."""

    started: float = field(default_factory=time.time)
    requests: Counter[int] = field(default_factory=Counter)  # by status
    rows: int = 0
    seconds: float = 0.0
    within: Counter[float] = field(default_factory=Counter)

    def count(self, status: int, rows: int, seconds: float) -> None:
        """Counts an answered request."""
        self.requests[status] += 1
        self.rows += rows
        self.seconds += seconds
        self.within.update(bound for bound in BOUNDS if seconds <= bound)

    def text(self) -> bytes:
        """Writes the counts."""
        total = sum(self.requests.values())
        buckets = [f'bitjaru_request_seconds_bucket{{le="{bound:g}"}} {self.within[bound]}' for bound in BOUNDS]
        lines = [
            "# HELP bitjaru_requests_total Answered requests, by status.",
            "# TYPE bitjaru_requests_total counter",
            *(
                f'bitjaru_requests_total{{status="{status}"}} {count}'
                for status, count in sorted(self.requests.items())
            ),
            "# HELP bitjaru_reviews_total Answered reviews.",
            "# TYPE bitjaru_reviews_total counter",
            f"bitjaru_reviews_total {self.rows}",
            "# HELP bitjaru_request_seconds Seconds from a request to its answer.",
            "# TYPE bitjaru_request_seconds histogram",
            *buckets,
            f'bitjaru_request_seconds_bucket{{le="+Inf"}} {total}',
            f"bitjaru_request_seconds_sum {self.seconds:.6f}",
            f"bitjaru_request_seconds_count {total}",
            "# HELP bitjaru_start_seconds When the process started, in seconds since 1970.",
            "# TYPE bitjaru_start_seconds gauge",
            f"bitjaru_start_seconds {self.started:.0f}",
        ]
        return ("\n".join(lines) + "\n").encode()
