"""Several models that answer as one: the mean of their probabilities, each with its share (Caruana et al. 2004)."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray
from bitjaru.data.stored import read_json
from bitjaru.data.vocabulary import NO_WORDS, Vocabulary
from bitjaru.errors import BundleError
from bitjaru.files import write_text
from bitjaru.models import TextModel
from bitjaru.models.tokenized_texts import TokenizedTexts

FILE, MEMBERS = "ensemble.json", "members"


@dataclass(frozen=True)
class Member:
    """One model of an ensemble.

    Attributes:
        share: Of its answer, above 0.
        model: Answers.
        folder: Its saved bundle.
    """

    share: float
    model: TextModel
    folder: Path


@dataclass(frozen=True)
class EnsembleModel:
    """Models that answer together. What they read alike is cut into tokens once.

    Attributes:
        members: By the run that made each.
    """

    kind: ClassVar[str] = "ensemble"
    words: ClassVar[Vocabulary] = NO_WORDS

    members: Mapping[str, Member]

    @property
    def engines(self) -> Mapping[str, str]:
        """Of every member."""
        return {
            f"{run}.{view}": engine
            for run, member in self.members.items()
            for view, engine in member.model.engines.items()
        }

    @property
    def reads(self) -> Sequence[str]:
        """Says it of every member, once."""
        return list(dict.fromkeys(said for member in self.members.values() for said in member.model.reads))

    @property
    def weights(self) -> int:
        """Those of all members."""
        return sum(member.model.weights for member in self.members.values())

    def probabilities(self, texts: TokenizedTexts) -> FloatArray:
        """Returns the weighted mean of the members' probabilities of N texts, (N, O)."""
        answers = [member.share * member.model.probabilities(texts) for member in self.members.values()]
        return np.asarray(np.sum(answers, axis=0))

    def knows(self, texts: TokenizedTexts) -> NDArray[Any]:
        """Returns whether any member knows anything of a text, (N,)."""
        return np.asarray(np.any([member.model.knows(texts) for member in self.members.values()], axis=0))

    def save(self, folder: Path) -> None:
        """Writes the shares, and the members' bundles without the answers that they kept."""
        for run, member in self.members.items():
            if not (folder / MEMBERS / run).exists():
                shutil.copytree(member.folder, folder / MEMBERS / run, ignore=shutil.ignore_patterns("answers"))
        shares = {run: member.share for run, member in self.members.items()}
        write_text(folder / FILE, json.dumps({"shares": shares}, indent=2))


def read_shares(folder: Path) -> Mapping[str, float]:
    """Reads the share of each member of a saved ensemble; names of folders below the ensemble's own.

    Raises:
        BundleError: If the file is missing or holds no shares.
    """
    try:
        shares = read_json(folder / FILE)["shares"]
        fits = shares and all(run.isalnum() and float(share) > 0 for run, share in shares.items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError(f"`{folder / FILE}` must hold the shares of members. Received: {error}.") from error
    if not fits or abs(sum(shares.values()) - 1) > 1e-6:
        raise BundleError(f"`{folder / FILE}` must hold shares above 0 that add up to 1. Received: {shares}.")
    return {str(run): float(share) for run, share in shares.items()}
