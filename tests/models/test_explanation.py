from pathlib import Path

import pytest
from architectures.test_views import OVERRIDES, two_views
from tiny_model import tiny_bundle

from bitjaru.commands.model.predict import predict
from bitjaru.configuration import build_part, build_reading, compose_config
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.errors import ConfigError
from bitjaru.models.bundle import Bundle
from bitjaru.models.explanation import bars, explain
from bitjaru.models.network import Network
from bitjaru.models.sentence import sentence
from bitjaru.tasks import Answer


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return tiny_bundle()


def test_a_tokens_weight_is_what_the_answer_loses_without_it(bundle: Bundle) -> None:
    explained = explain(bundle, "great bad film")
    whole, without = bundle.predict(["great bad film", "great film"])
    share = without.probability if without.label == whole.label else 1 - without.probability
    assert [weight.token for weight in explained.weights] == ["great", "bad", "film"]
    assert explained.answer.label == whole.label
    assert explained.weights[1].moved == pytest.approx(whole.probability - share, abs=1e-6)


def test_tokens_that_the_model_does_not_see_or_know_are_told(bundle: Bundle) -> None:
    explained = explain(bundle, "first second great zzz film film")
    assert explained.unseen == 2
    assert [(weight.token, weight.known) for weight in explained.weights][:2] == [("great", True), ("zzz", False)]
    lines = [line.plain for line in bars(explained)]
    assert len(lines) == 5
    assert lines[1].endswith("(unknown)")
    assert any("█" * 20 in line for line in lines)


def test_a_text_without_a_known_token_gets_the_answer_to_an_empty_review(bundle: Bundle) -> None:
    unknown, empty, known = bundle.predict(["zzz yyy", "", "great"])
    assert unknown == empty
    assert (empty.no_known_token, known.no_known_token) == (True, False)
    assert explain(bundle, "").weights == []
    assert bars(explain(bundle, "")) == []


@pytest.mark.parametrize(
    ("answer", "language", "said"),
    [
        (Answer("positive", 0.99949), "ko", "99.95% 확률로 긍정 리뷰입니다."),
        (Answer("negative", 0.5355), "ko", "53.55% 확률로 부정 리뷰입니다."),
        (Answer("positive", 0.75), "en", "positive review with 75.00% probability."),
        (Answer("negative", 0.6, True), "en", "negative review with 60.00% probability. (no known token: answered as "),
    ],
)
def test_an_answer_is_said_as_the_documents_say_it(answer: Answer, language: str, said: str) -> None:
    assert sentence(answer, language).startswith(said)


def test_a_word_that_comes_next_is_no_review() -> None:
    assert sentence(Answer("말이", 0.36), "ko", is_word=True) == "다음 낱말: 말이 (36.00%)."
    assert sentence(Answer("tale", 0.36), "en", is_word=True) == "Next word: tale (36.00%)."


def test_a_language_without_wording_is_refused() -> None:
    with pytest.raises(ConfigError, match="ko, en"):
        sentence(Answer("positive", 1.0), "fr")


def test_a_wrong_language_or_file_is_told_before_a_model_is_sought() -> None:
    with pytest.raises(ConfigError, match="ko, en"):
        predict(["좋다"], lang="fr")
    with pytest.raises(ConfigError, match=r"must name a file. Received: /no.csv"):
        predict(None, file=Path("/no.csv"), output=Path("/out.csv"))


def test_a_view_moved_the_answer_by_what_it_loses_without_it(tmp_path: Path) -> None:
    config = compose_config(["tokenizer=words", *OVERRIDES])
    reading, task = build_reading(config), build_part(config, "task")
    vocabularies = {"tokens": Vocabulary(("[PAD]", "[OOV]", "great")), "syllables": Vocabulary(("[PAD]", "[OOV]", "g"))}
    model = Network(task, reading, vocabularies, two_views(trimmed=False))
    Bundle(config, build_part(config, "dataset"), task, model).save(tmp_path)
    asked = Bundle.load(tmp_path)
    explained = explain(asked, "great film")
    assert [weight.token for weight in explained.weights] == ["great", "film"]
    assert [weight.token for weight in explained.views] == ["tokens", "syllables"]
    inputs = model.read(asked.cleaned(["great film"]))
    inputs[:, :9] = 0
    (without,) = task.answers(model.predict(inputs), model.words)
    share = without.probability if without.label == explained.answer.label else 1 - without.probability
    assert explained.views[0].moved == pytest.approx(explained.answer.probability - share, abs=1e-6)
    assert [line.plain.split()[0] for line in bars(explained)][-2:] == ["tokens", "syllables"]
