"""The linear model, beside its formulas written out by hand."""

import logging
import subprocess
import sys
from functools import cache
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bitjaru.architectures.linear import Linear, class_ratios, count, weighed
from bitjaru.architectures.tfidf.model import WEIGHTS, TfIdf
from bitjaru.configuration import build, build_part, compose_config
from bitjaru.errors import BundleError, ConfigError, DataError
from bitjaru.tokenizers.words import Words

TEXTS = ["아주 좋다", "좋다 좋다", "나쁘다", "아주 나쁘다", "좋은 영화", "나쁜 영화"] * 5
LABELS = np.array([1, 1, 0, 0, 1, 0] * 5, np.int32)


def linear(*overrides: str) -> Linear:
    made: Linear = build_part(
        compose_config(["architecture=linear", *(f"architecture.{override}" for override in overrides)]), "architecture"
    )
    return made


def ngrams_by_hand(text: str, shortest: int, longest: int) -> list[str]:
    text = " ".join(text.lower().split())
    lengths = range(shortest, longest + 1)
    return [text[at : at + length] for length in lengths for at in range(len(text) - length + 1)]


@pytest.mark.parametrize("sublinear", [True, False])
def test_the_weight_of_an_ngram_is_what_its_formula_says(sublinear: bool) -> None:
    features, ngrams, _ = count(linear("longest=2", "minimum_count=3", f"sublinear={sublinear}").counting, TEXTS)
    found = [ngrams_by_hand(text, 1, 2) for text in TEXTS]
    reviews = {ngram: sum(ngram in each for each in found) for ngram in {n for each in found for n in each}}
    assert set(ngrams) == {ngram for ngram, often in reviews.items() if often >= 3}
    for row, each in enumerate(found[:6]):
        times = {ngram: each.count(ngram) for ngram in ngrams if ngram in each}
        weights = {
            ngram: (1 + log(often) if sublinear else often) * (1 + log((1 + len(TEXTS)) / (1 + reviews[ngram])))
            for ngram, often in times.items()
        }
        length = np.sqrt(sum(weight**2 for weight in weights.values()))
        dense = features[row].toarray()[0]
        assert {ngrams[int(place)] for place in np.flatnonzero(dense)} == set(weights)
        said = [dense[list(ngrams).index(ngram)] for ngram in weights]
        np.testing.assert_allclose(said, np.array(list(weights.values())) / length, rtol=1e-5)


def test_a_ratio_is_the_logarithm_of_how_much_more_often_a_class_says_it() -> None:
    features, ngrams, _ = count(linear("longest=1").counting, TEXTS)
    dense = features.toarray()
    ratios = class_ratios(features, LABELS)
    for place in range(len(ngrams)):
        positive, negative = ((1 + dense[label == LABELS, place].sum()) / 16 for label in (1, 0))
        assert ratios[place] == pytest.approx(log(positive / negative), rel=1e-5)


def test_ratios_leave_a_review_the_length_that_it_had() -> None:
    features, _, _ = count(linear("longest=2").counting, TEXTS)
    ratios = class_ratios(features, LABELS)
    products, scaled = weighed(features, ratios)
    assert products.power(2).sum() / len(TEXTS) == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(scaled, ratios * (scaled @ ratios) / (ratios @ ratios), rtol=1e-6)
    np.testing.assert_allclose(products.toarray(), features.toarray() * scaled, rtol=1e-5)


def test_ratios_that_tell_nothing_change_nothing() -> None:
    features, ngrams, _ = count(linear("longest=1").counting, TEXTS)
    products, used = weighed(features, np.zeros(len(ngrams)))
    assert (products != features).nnz == 0
    assert (used == 1).all()


@pytest.mark.parametrize("naive_bayes", ["true", "false"])
def test_what_the_ngrams_of_a_text_add_up_to_is_its_answer(naive_bayes: str) -> None:
    fitted = linear(f"naive_bayes={naive_bayes}").fit(TEXTS, LABELS)
    row = fitted.features(["아주 좋은 영화"])
    odds = float((row.times(fitted.coefficients) + fitted.intercept)[0, 0])
    assert fitted.probabilities(["아주 좋은 영화"])[0, 0] == pytest.approx(1 / (1 + np.exp(-odds)), rel=1e-6)
    assert ((fitted.probabilities(TEXTS)[:, 0] > 0.5) == LABELS).all()
    assert fitted.weights == len(fitted.ngrams) + 1
    negative, positive = fitted.weightiest(3)
    assert any("나쁘" in ngram or "나" in ngram for ngram in negative)
    assert any("좋" in ngram for ngram in positive)


@cache
def fitted_twice(of: str, *, sublinear: bool) -> tuple[TfIdf, TfidfVectorizer]:
    """The n-grams of a few texts, as counted here and by scikit-learn."""
    counting = linear(f"ngrams_of={of}", "longest=3", "minimum_count=1", f"sublinear={sublinear}").counting
    known = [*TEXTS[:6], "B ß A's", "İ 좋 漢"]
    weights, ngrams, idf = count(counting, known)
    vectorizer = TfidfVectorizer(
        analyzer="char" if of == "characters" else lambda text: words_by_hand(text, 1, 3),
        **({"ngram_range": (1, 3), "lowercase": True} if of == "characters" else {}),
        sublinear_tf=sublinear,
        dtype=np.float32,
    ).fit([" ".join(text.split()) for text in known])
    assert weights.shape == (len(known), len(ngrams))
    assert vectorizer.get_feature_names_out().tolist() == list(ngrams)
    return TfIdf(counting, ngrams, idf, np.eye(len(ngrams)), np.zeros(len(ngrams))), vectorizer


@pytest.mark.parametrize("of", ["characters", "words"])
@pytest.mark.parametrize("sublinear", [True, False])
@given(st.lists(st.text(alphabet="아주 좋다나쁘영화\t\n.,'ABİß漢\ud800", max_size=30), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_a_text_weighs_what_scikit_learn_says_and_the_same_whoever_stands_beside_it(
    of: str, sublinear: bool, texts: list[str]
) -> None:
    fitted, vectorizer = fitted_twice(of, sublinear=sublinear)
    replaced = [" ".join(text.replace("\ud800", "\ufffd").split()) for text in texts]
    ours = fitted.features(texts)
    np.testing.assert_allclose(ours.times(fitted.coefficients), vectorizer.transform(replaced).toarray(), atol=1e-6)
    alone = np.concatenate([fitted.probabilities([text]) for text in texts])
    np.testing.assert_array_equal(alone, fitted.probabilities(texts))
    np.testing.assert_array_equal(ours.found, vectorizer.transform(replaced).getnnz(axis=1) > 0)


def words_by_hand(text: str, shortest: int, longest: int) -> list[str]:
    found = next(iter(Words().tokenize([text.lower()])))
    lengths = range(shortest, longest + 1)
    return [" ".join(found[at : at + length]) for length in lengths for at in range(len(found) - length + 1)]


def test_three_classes_get_a_share_each_as_scikit_learn_gives_them(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    texts = ["아주 좋은 영화", "정말 좋다", "나쁜 영화", "정말 나쁘다", "그저 그런 영화", "그저 그렇다"] * 4
    labels = np.array([2, 2, 0, 0, 1, 1] * 4, np.int32)
    fitted = linear("minimum_count=1").fit(texts, labels)
    counted = TfidfVectorizer(
        analyzer="char",
        ngram_range=(fitted.counting.shortest, fitted.counting.longest),
        dtype=np.float32,
        sublinear_tf=fitted.counting.sublinear,
    )
    made = linear("minimum_count=1")
    model = LogisticRegression(C=made.inverse_regularization, max_iter=made.iterations)
    model.fit(counted.fit_transform(texts), labels)
    np.testing.assert_allclose(fitted.probabilities(texts), model.predict_proba(counted.transform(texts)), atol=1e-4)
    assert fitted.weights == 3 * (len(fitted.ngrams) + 1)
    assert len(fitted.weightiest(2)) == 3
    fitted.save(tmp_path)
    np.testing.assert_allclose(TfIdf.load(tmp_path, fitted.counting).probabilities(texts), fitted.probabilities(texts))


def test_a_loaded_model_answers_as_the_saved_one(tmp_path: Path) -> None:
    fitted = linear().fit(TEXTS, LABELS)
    fitted.save(tmp_path)
    loaded = TfIdf.load(tmp_path, fitted.counting)
    asked = [*TEXTS, "", "zzz", "아주  좋다\n"]
    np.testing.assert_array_equal(loaded.probabilities(asked), fitted.probabilities(asked))
    assert loaded.knows(loaded.features(["", "zzz", "좋다", "\ud800"])).tolist() == [False, False, True, False]
    assert loaded.probabilities([]).shape == (0, 1)
    assert loaded.probabilities(["zzz"]) == loaded.probabilities([""])


def test_words_are_cut_without_punctuation_and_keep_their_apostrophe() -> None:
    fitted = linear("ngrams_of=words", "longest=2", "minimum_count=1").fit(
        ["I don't, like it!", "A good one"], np.array([0, 1])
    )
    assert set(fitted.ngrams) == {"i", "don't", "like", "it", "i don't", "don't like", "like it"} | {
        "a", "good", "one", "a good", "good one",
    }  # fmt: skip


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    fitted = linear().fit(TEXTS, LABELS)
    with pytest.raises(BundleError, match=r"must hold a linear model.*Train it again"):
        TfIdf.load(tmp_path, fitted.counting)
    fitted.save(tmp_path)
    np.savez(tmp_path / WEIGHTS, idf=fitted.idf[:3], coefficients=fitted.coefficients, intercept=0.0)
    with pytest.raises(BundleError, match=r"must hold a number for every n-gram. Received: .* 3 and"):
        TfIdf.load(tmp_path, fitted.counting)


def test_what_cannot_be_learned_is_refused() -> None:
    with pytest.raises(DataError, match=r"reviews of every class.* Received: the labels \[1\]"):
        linear().fit(["좋다", "나쁘다"], np.array([1, 1]))
    with pytest.raises(DataError, match=r"n-grams in at least 9 training reviews. Received: none in 2"):
        linear("minimum_count=9").fit(["좋다", "나쁘다"], np.array([0, 1]))
    with pytest.raises(ConfigError, match=r"is for two classes\. Received: 3 classes"):
        linear("naive_bayes=true").fit(["좋다", "나쁘다", "그저 그렇다"], np.array([0, 1, 2]))
    with pytest.raises(ConfigError, match="Received: shortest=5, longest=4"):
        linear("shortest=5")
    with pytest.raises(ConfigError, match=r"run's own tokenizer. Received: Linear"):
        build(compose_config(["architecture=linear", "task=next_word"]))


def test_a_fit_that_is_cut_short_says_so(caplog: Any) -> None:
    with caplog.at_level(logging.WARNING, logger="bitjaru"):
        linear("iterations=1").fit(TEXTS, LABELS)
    assert "architecture.iterations=1" in caplog.text


@pytest.mark.parametrize(("dataset", "of", "longest"), [("nsmc", "characters", 4), ("imdb", "words", 2)])
def test_a_data_set_says_which_ngrams_suit_its_language(dataset: str, of: str, longest: int) -> None:
    made = build(compose_config([f"dataset={dataset}", "architecture=linear"])).architecture
    assert isinstance(made, Linear)
    assert (made.ngrams_of, made.longest) == (of, longest)


def test_an_answer_needs_neither_scikit_learn_nor_scipy(tmp_path: Path) -> None:
    fitted = linear().fit(TEXTS, LABELS)
    fitted.save(tmp_path)
    program = (
        "import sys\nsys.modules.update(dict.fromkeys(('sklearn', 'scipy', 'pandas')))\n"
        "from pathlib import Path\nfrom bitjaru.architectures.tfidf.counting import Counting\n"
        "from bitjaru.architectures.tfidf.model import TfIdf\n"
        f"model = TfIdf.load(Path({str(tmp_path)!r}), {fitted.counting!r})\n"
        "print(model.probabilities(['아주 좋은 영화'])[0, 0])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert float(done.stdout) == fitted.probabilities(["아주 좋은 영화"])[0, 0]
