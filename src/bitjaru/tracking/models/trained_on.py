"""The data that a run has learned from, loaded again."""

from bitjaru.configuration import build_part
from bitjaru.data.reviews import Corpus
from bitjaru.errors import DataError
from bitjaru.models.trust.stored_config import read_config
from bitjaru.tracking.models.files import local_folder
from bitjaru.tracking.registry.candidate import Candidate


def corpus_of(uri: str, run: Candidate) -> Corpus:
    """Loads the data that a run has learned from.

    Raises:
        DataError: If it is other data now.
    """
    config = read_config(local_folder(uri, run.source) / "data")
    corpus: Corpus = build_part(config, "dataset").load()
    if corpus.sha256 != run.tags.get("data_sha256"):
        raise DataError(
            f"The data must be that of the training. Received: sha256 {corpus.sha256[:12]}…, trained with "
            f"{str(run.tags.get('data_sha256'))[:12]}…. Train again on the data as it is now."
        )
    return corpus
