"""The chosen ensemble as files: one bundle with those of its members."""

import shutil
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from bitjaru.configuration import build_part
from bitjaru.data.reviews import Corpus
from bitjaru.ensembles.members import Members
from bitjaru.models import manifest
from bitjaru.models.answers import FOLDER, Answers
from bitjaru.models.bundle import Bundle
from bitjaru.models.card import write_card
from bitjaru.models.ensemble import MEMBERS, EnsembleModel, Member
from bitjaru.models.golden_set import Golden
from bitjaru.models.trust.stored_config import read_config
from bitjaru.tasks import Task
from bitjaru.tracking.models.files import local_folder
from bitjaru.training.evaluation import Evaluation


def assemble(uri: str, members: Members, corpus: Corpus, folder: Path) -> Bundle:
    """Writes the ensemble's bundle, with its members, its golden set, its answers and its card.

    Raises:
        BundleError: If a member's files are gone.
    """
    places = {run_id: local_folder(uri, run.source) / "data" for run_id, run in members.runs.items()}
    for run_id, place in places.items():
        target = folder / MEMBERS / run_id
        if not target.exists():
            shutil.copytree(place, target, ignore=shutil.ignore_patterns(FOLDER))
            manifest.write(target)
    config = _config(read_config(next(iter(places.values()))), members)
    task = build_part(config, "task")
    loaded = {run_id: Bundle.load(folder / MEMBERS / run_id).model for run_id in members.shares}
    model = EnsembleModel(
        {run_id: Member(share, loaded[run_id], folder / MEMBERS / run_id) for run_id, share in members.shares.items()}
    )
    bundle = Bundle(config, build_part(config, "dataset"), task, model)
    bundle.save(folder)
    *_, (_, reviews) = corpus.splits.items()
    texts = list(reviews.texts[: Golden.size(1)])
    Golden.first(texts, bundle.probabilities(texts), {}).save(folder)
    evaluations = {}
    for part, kept in members.answers.items():
        kept.save(folder / FOLDER / f"{part}.npz")
        evaluations[part] = _evaluation(kept, task)
    rows = {part: len(each) for part, each in corpus.splits.items()}
    write_card(config, corpus, rows, evaluations, {}, reads=bundle.model.reads, folder=folder)
    manifest.write(folder)
    return bundle


def _config(config: DictConfig, members: Members) -> DictConfig:
    """The config of the weightiest member, which says how texts are cleaned and what answers mean; and the members."""
    made = config.copy()
    made.architecture = OmegaConf.create({"_target_": "bitjaru.models.ensemble.EnsembleModel"})
    made.ensemble = dict(members.shares)
    return made


def _evaluation(kept: Answers, task: Task) -> Evaluation:
    return Evaluation(
        metrics=task.score(kept.targets, kept.probabilities),
        confusion=task.confusion(kept.targets, kept.probabilities),
        kept=kept.probabilities,
        targets=kept.targets,
    )
