"""How much a server takes on: the options of `bitjaru serve`, with their defaults."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is refused, and when.

    Attributes:
        megabytes: Of a request's body; more gets 413.
        rows: Of a request; more gets 413.
        characters: Of one text; more gets 413.
        waiting: Reviews that wait for an answer at the same time; more get 503 with `Retry-After`.
        connections: Open at the same time, for each worker; more get 503 with `Retry-After`.
        seconds: From a request's head to its answer; then 408 where its sender was slow, 503 where the model was.
        seconds_to_send: That a sender may be silent, and that the head of a request may take; then 408, or no more
            connection.
        seconds_to_end: That running requests get when the server is told to stop.
        together: Reviews that the model answers at once.
        milliseconds: That a review waits for others to come.
    """

    megabytes: int = 64
    rows: int = 100_000
    characters: int = 100_000
    waiting: int = 10_000
    connections: int = 1_000
    seconds: float = 60.0
    seconds_to_send: float = 15.0
    seconds_to_end: int = 20
    together: int = 256
    milliseconds: float = 2.0
