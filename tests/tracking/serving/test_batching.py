import asyncio
import threading
from collections.abc import Sequence

import pytest

from bitjaru.tracking.serving.batching import Batcher, Failed, Full
from bitjaru.tracking.serving.request.limits import Limits


class Model:
    """Answers a text by its capitals, and notes what it was asked at once."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.free = threading.Event()
        self.free.set()

    def __call__(self, texts: Sequence[str]) -> list[str]:
        self.free.wait(30)
        self.asked.append(list(texts))
        if "bad" in texts:
            raise ZeroDivisionError
        return [text.upper() for text in texts]


def test_what_comes_while_the_model_is_busy_is_answered_together_and_in_order() -> None:
    async def all_of_them() -> list[Sequence[str]]:
        batcher, model.free = Batcher(model, Limits()), threading.Event()
        first = asyncio.create_task(batcher.answers(["first"]))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(batcher.answers([f"a{number}", f"b{number}"])) for number in range(5)]
        await asyncio.sleep(0.05)
        model.free.set()
        return [await task for task in (first, *others)]

    model = Model()
    answers = asyncio.run(all_of_them())
    assert answers == [["FIRST"], *([f"A{number}", f"B{number}"] for number in range(5))]
    assert [len(texts) for texts in model.asked] == [1, 10]


def test_small_requests_pass_between_the_pieces_of_a_large_one() -> None:
    async def both() -> tuple[Sequence[str], Sequence[str]]:
        batcher, model.free = Batcher(model, Limits(together=4)), threading.Event()
        large = asyncio.create_task(batcher.answers([f"t{number}" for number in range(40)]))
        await asyncio.sleep(0.05)
        small = asyncio.create_task(batcher.answers(["small"]))
        await asyncio.sleep(0.05)
        model.free.set()
        return await large, await small

    model = Model()
    large, small = asyncio.run(both())
    assert (list(large), list(small)) == ([f"T{number}" for number in range(40)], ["SMALL"])
    assert max(len(texts) for texts in model.asked) == 4
    assert next(place for place, texts in enumerate(model.asked) if "small" in texts) <= 2


def test_those_who_were_answered_together_are_waited_for_and_no_longer_than_the_limit() -> None:
    async def one_after_the_other(batcher: "Batcher[str]", name: str) -> None:
        for number in range(20):
            await batcher.answers([f"{name}{number}"])

    async def four(limits: Limits) -> None:
        batcher = Batcher(model, limits)
        await asyncio.wait_for(asyncio.gather(*(one_after_the_other(batcher, name) for name in "abcd")), 30)

    model = Model()
    asyncio.run(four(Limits(milliseconds=1_000)))
    assert [len(texts) for texts in model.asked].count(4) >= 18


def test_too_many_are_refused_and_the_others_answered() -> None:
    async def many() -> list[object]:
        batcher = Batcher(model, Limits(waiting=10))
        return await asyncio.gather(*(batcher.answers(["a"] * 4) for _ in range(5)), return_exceptions=True)

    model = Model()
    assert [type(answer) for answer in asyncio.run(many())] == [list, list, Full, Full, Full]


def test_who_gives_up_frees_the_place_and_is_not_answered() -> None:
    async def one_leaves() -> Sequence[str]:
        batcher, model.free = Batcher(model, Limits(together=2, waiting=10)), threading.Event()
        leaving = asyncio.create_task(batcher.answers([f"t{number}" for number in range(10)]))
        await asyncio.sleep(0.05)
        leaving.cancel()
        await asyncio.sleep(0.05)
        assert batcher.waiting == 0
        staying = asyncio.create_task(batcher.answers(["a"] * 10))
        model.free.set()
        return await staying

    model = Model()
    assert asyncio.run(one_leaves()) == ["A"] * 10
    assert sum(text.startswith("t") for texts in model.asked for text in texts) == 2


def test_a_model_that_fails_tells_those_who_asked_it_and_answers_the_next() -> None:
    async def bad_then_good() -> Sequence[str]:
        batcher = Batcher(model, Limits())
        with pytest.raises(Failed):
            await batcher.answers(["bad"])
        return await batcher.answers(["good"])

    model = Model()
    assert asyncio.run(bad_then_good()) == ["GOOD"]
