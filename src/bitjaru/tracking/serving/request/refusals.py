"""Why a request gets no answer: a status, and JSON with `error_code` and `message`, as MLflow's server has it."""

import json

JSON = b"application/json"
LONGEST = 500  # characters of a message
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    413: "REQUEST_TOO_LARGE",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
RETRY_SECONDS = b"1"


class Refused(Exception):  # noqa: N818 - named for what is
    """A request that gets no answer.

    Args:
        status: One of `CODES`.
        message: What must hold, what was received, and what to do.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, bytes, bytes]  # status, content type, body


def refusal(status: int, message: str) -> Answer:
    """Makes one; a message that repeats much of the input is cut."""
    shown = message if len(message) <= LONGEST else f"{message[:LONGEST]}…"
    return status, JSON, json.dumps({"error_code": CODES[status], "message": shown}).encode()


def headers_of(answer: Answer) -> Headers:
    """Returns what HTTP asks for beside the body."""
    status, content_type, body = answer
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", RETRY_SECONDS))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return headers
