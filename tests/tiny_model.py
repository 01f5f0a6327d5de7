"""A model that was never trained, but answers differently to different words: what the tests of answering share."""

from pathlib import Path

from bitjaru.configuration import OWN_VIEW, build_part, build_reading, compose_config
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.models.bundle import Bundle
from bitjaru.models.network import Network

WORDS = ["great", "film", "bad", "재미있는", "영화"]


def tiny_bundle() -> Bundle:
    """Makes one for words, four of them at most, padded in front."""
    import keras

    config = compose_config(["tokenizer=words", "max_len=4", "padding=pre"])
    dataset, task = build_part(config, "dataset"), build_part(config, "task")
    vocabulary = Vocabulary.build(Tokens.from_rows([WORDS]), size=None)
    keras.utils.set_random_seed(1)
    ids = keras.Input((4,), dtype="int32")
    features = keras.layers.Flatten()(keras.layers.Embedding(len(vocabulary), 2, embeddings_initializer="normal")(ids))
    model = keras.Model(ids, task.head(features, vocabulary_size=7))
    return Bundle(config, dataset, task, Network(task, build_reading(config), {OWN_VIEW: vocabulary}, model))


def save_served(folder: Path) -> Path:
    """Writes the MLflow model around it and returns its folder."""
    from bitjaru.tracking.models import raw_text_model

    tiny_bundle().save(folder / "bundle")
    raw_text_model.save(folder / "model", folder / "bundle", examples=["great film"])
    return folder / "model"
