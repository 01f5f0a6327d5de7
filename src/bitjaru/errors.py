"""What can go wrong in a way that a user can mend.

Every message has three parts: what must hold, what was received, and what to do or which values exist.
The command line shows these errors without a traceback; anything else is a bug and keeps its traceback.
"""

import errno


class BitjaruError(Exception):
    """An error whose message is meant for the user."""


class ConfigError(BitjaruError):
    """A config key, option or value cannot be used. Raised before any data is read."""


class DataError(BitjaruError):
    """A data set is missing, damaged, or empty after preparation."""


class DiskError(BitjaruError):
    """There is no room left on a disk."""


def is_for_want_of_room(error: BaseException) -> bool:
    """Returns whether a full disk is at the root of an error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


class TokenizerError(BitjaruError):
    """A morphological analyser cannot start, or answers wrongly."""


class TrainingError(BitjaruError):
    """Training cannot go on, for example because the loss is not a number."""


class TrackingError(BitjaruError):
    """The tracking store cannot be opened or written."""


class BundleError(BitjaruError):
    """A saved model is incomplete or damaged."""


class ReportError(BitjaruError):
    """There is nothing that a report could show."""


class FormatError(BitjaruError):
    """A saved model, a study or a run's folder was written by another version of this project."""


class Stop(Exception):  # noqa: N818 - it is no error: a listener's way to end a training early
    """Ends a training cleanly, with all that it has learned so far.

    Args:
        reason: `pruned`, `interrupted`, ….
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
