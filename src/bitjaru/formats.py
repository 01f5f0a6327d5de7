"""The format numbers of what is stored, and the one error for what stands in another format.

Whoever changes what a file or a study means raises its number here: nothing old is read as if it were new.
"""

from bitjaru.errors import FormatError

BUNDLE = 4  # a saved model, and with it the model in MLflow's registry
STUDY = 2  # a search in its storage
RUN = 2  # a run's folder: its outcome and its journal
TOKENS = 1  # the token cache, whose key this is a part of: tokens of another format are not found, and made anew


def check(what: str, received: object, must_be: int, *, advice: str) -> None:
    """Refuses what another version of bitjaru wrote.

    Args:
        what: The thing, as it begins a sentence: "The model in `folder`".
        received: Its number; None where it has none.
        must_be: One of the numbers above.
        advice: What to do.

    Raises:
        FormatError: If the numbers differ.
    """
    if received != must_be:
        found = "none" if received is None else received
        raise FormatError(
            f"{what} must have format {must_be}. Received: {found}, so another version of bitjaru wrote it. {advice}"
        )
