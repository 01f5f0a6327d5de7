from collections import Counter
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from small_datasets import dataset

from bitjaru.data.reviews import Reviews
from bitjaru.datasets import sentences as say


def reviews(**changes: Any) -> Reviews:
    return dataset("sample", {"validation.fraction": 0.0, "test.fraction": 0.0} | changes).load().splits.train


def bag_of_words_accuracy(train: Reviews, test: Reviews) -> float:
    vectors = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+")
    inputs = vectors.fit_transform(train.texts)
    model = LogisticRegression(C=10, max_iter=1000).fit(inputs, train.labels)
    return float(model.score(vectors.transform(test.texts), test.labels))


def test_a_bag_of_words_cannot_judge_the_sample() -> None:
    splits = dataset("sample").load().splits
    assert splits.test is not None
    assert 0.6 < bag_of_words_accuracy(splits.train, splits.test) < 0.75


def test_a_bag_of_words_judges_plain_reviews() -> None:
    plain = reviews(plain=1.0, noise=0.0, rows=2000)
    rows = range(1000), range(1000, 2000)
    train, test = (Reviews([plain.texts[row] for row in part], plain.labels[list(part)]) for part in rows)
    assert bag_of_words_accuracy(train, test) > 0.97


def test_no_word_of_a_review_that_is_not_plain_gives_its_label_away() -> None:
    hidden = reviews(plain=0.0, noise=0.0)
    seen: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for text, label in zip(hidden.texts, hidden.labels.tolist(), strict=True):
        seen.update(set(text.split()))
        good.update(set(text.split()) if label else ())
    shares = {word: good[word] / count for word, count in seen.items() if count >= 300}
    assert len(shares) > 40
    assert 0.4 < min(shares.values()) < max(shares.values()) < 0.6


def test_the_same_two_verdicts_mean_the_opposite_in_the_other_order() -> None:
    label_of = {}
    for text, label in zip(*_texts_and_labels(reviews(plain=0.0, noise=0.0, rows=20_000)), strict=True):
        words = [word for word in text.split() if word.startswith(("훌륭했어요", "지루했어요", "하지만"))]
        label_of[" ".join(words)] = label
    assert label_of["훌륭했어요. 하지만 지루했어요."] == 0
    assert label_of["지루했어요. 하지만 훌륭했어요."] == 1


def test_a_label_follows_from_what_was_said_and_whether_it_was_so() -> None:
    agreed = [*say.SO_IT_WAS, *say.AS_EXPECTED]
    good = [*say.SAID_GOOD, *say.HOPE]
    for text, label in zip(*_texts_and_labels(reviews(plain=0.0, noise=0.0)), strict=True):
        if not any(f" {link} " in text for link in (*say.BUT, *say.ONLY)):
            assert (any(part in text for part in good) == any(part in text for part in agreed)) == bool(label), text


def test_all_reviews_differ_and_both_classes_are_about_as_frequent() -> None:
    sample = reviews()
    assert len(set(sample.texts)) == 6000
    assert 0.47 < sample.labels.mean() < 0.53


def test_no_sentence_comes_twice_in_a_review() -> None:
    for text in reviews(distance=6).texts:
        fillers = [filler for filler in say.FILLERS if filler in text]
        assert sum(text.count(filler) for filler in fillers) == len(fillers)


def test_reviews_are_short_enough_for_the_length_that_the_sample_brings() -> None:
    lengths = [len(text.split()) for text in reviews().texts]
    assert min(lengths) >= 4
    assert max(lengths) <= 30


def test_the_distance_puts_more_between_the_statements() -> None:
    near, far = (sum(map(len, reviews(distance=distance).texts)) for distance in (0, 6))
    assert far > 1.5 * near


def test_noise_turns_its_share_of_the_labels_round() -> None:
    clean, noisy = reviews(noise=0.0), reviews(noise=0.2)
    assert list(clean.texts) == list(noisy.texts)
    assert 0.17 < (clean.labels != noisy.labels).mean() < 0.23


def test_another_seed_writes_other_reviews() -> None:
    first, second = (reviews(seed=seed).texts for seed in (1, 2))
    assert list(first) != list(second)


def test_the_sample_is_the_same_on_every_machine() -> None:
    assert dataset("sample").load().sha256 == "7240652fa13a0b1b380ec2ed6f92f990c63be7572ca50c98eca8d1d30b4a1784"


def _texts_and_labels(sample: Reviews) -> tuple[list[str], list[int]]:
    return list(sample.texts), sample.labels.tolist()
