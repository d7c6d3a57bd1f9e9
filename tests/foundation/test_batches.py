"""Many people's small changes in one go."""

import threading
from collections.abc import Sequence

import pytest

from miitti.foundation.batches import Batch


def ask_all(batch: Batch[int, int], wishes: Sequence[int]) -> dict[int, object]:
    answers: dict[int, object] = {}

    def ask(wish: int) -> None:
        try:
            answers[wish] = batch.ask(wish)
        except Exception as error:
            answers[wish] = error

    threads = [threading.Thread(target=ask, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers


def test_those_who_come_together_are_answered_together_each_by_its_own() -> None:
    gone: list[list[int]] = []

    def carry_out(wishes: Sequence[int]) -> list[int | Exception]:
        gone.append(list(wishes))
        return [KeyError(wish) if wish % 5 == 0 else wish * 10 for wish in wishes]

    batch = Batch(carry_out, 0.2)
    assert batch.ask(1) == 10
    answers = ask_all(batch, range(2, 30))
    assert sorted(wish for each in gone for wish in each) == list(range(1, 30)), "each once"
    assert len(gone) < 10
    for wish, answer in answers.items():
        assert isinstance(answer, KeyError) if wish % 5 == 0 else answer == wish * 10


def test_when_the_whole_fails_everybody_is_told_and_the_next_may_try() -> None:
    broken = [True]

    def carry_out(wishes: Sequence[int]) -> list[int | Exception]:
        if broken.pop() if broken else False:
            raise OSError("full")
        return list(wishes)

    batch = Batch(carry_out, 0.01)
    with pytest.raises(OSError, match="full"):
        batch.ask(1)
    assert batch.ask(2) == 2
