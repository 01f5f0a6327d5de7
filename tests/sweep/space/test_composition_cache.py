"""The record that each trial keeps of its configuration."""

from pathlib import Path

import yaml
from omegaconf import OmegaConf
from sweep.space.test_space_reader import composition, conf

from bitjaru.sweep.space.composition import Composition

__all__ = ["composition", "conf"]  # fixtures


def test_hydras_record_of_every_trial_is_whole_and_its_own(composition: Composition, tmp_path: Path) -> None:
    composition.move(str(tmp_path))
    for number, rate in enumerate((0.1, 0.2, 0.3)):
        line = f"method.rate={rate}"
        trial = composition.trial([line], number)
        record = yaml.safe_load((trial.folder / ".hydra" / "hydra.yaml").read_text())
        (mould,) = composition._moulds.values()
        assert record == {"hydra": OmegaConf.to_container(mould.node.hydra, resolve=False, enum_to_str=True)}
        assert (record["hydra"]["job"]["num"], record["hydra"]["overrides"]["task"]) == (number, [line])
