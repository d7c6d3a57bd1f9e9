"""The journal: gapless per stream, whoever writes; each entry told once, by each follower."""

import threading

import pytest
from flask import Flask

from miitti.foundation import db, journal


@db.writing
def write(stream: str, n: int, *, sequenced: bool = True) -> int | None:
    return journal.append(stream, "n", {"n": n}, sequenced=sequenced)


def test_seq_is_gapless_and_epoch_stays(any_app: Flask) -> None:
    with any_app.app_context():
        assert [write("a", n) for n in range(3)] == [1, 2, 3]
        assert write("b", 0) == 1
        assert write("a", 9, sequenced=False) is None
        head = journal.head("a")
        assert head.seq == 3
        assert head.epoch
        assert [entry.data["n"] for entry in journal.since("a", 1)] == [1, 2]


def test_writing_outside_an_action_is_an_error(any_app: Flask) -> None:
    with any_app.app_context(), pytest.raises(RuntimeError):
        journal.append("a", "n", {})


def test_many_writers_leave_no_gap_and_two_followers_hear_all_once_in_order(any_app: Flask) -> None:
    heard: dict[int, list[journal.Entry]] = {0: [], 1: []}
    followers = [journal.Follower(any_app) for _ in heard]

    def writer(number: int) -> None:
        for n in range(25):
            with any_app.app_context():
                write("a", number * 100 + n)
                write(f"b{number}", n, sequenced=n % 2 == 0)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()

    def listen(which: int) -> None:
        any_app.extensions["miitti_journal"] = [("", heard[which].append)]
        followers[which].step()

    while any(thread.is_alive() for thread in threads):
        listen(0)
        listen(1)
    for thread in threads:
        thread.join()
    for which in heard:
        listen(which)
        listen(which)
        entries = heard[which]
        assert len({entry.id for entry in entries}) == len(entries) == 200
        assert [entry.seq for entry in entries if entry.stream == "a"] == list(range(1, 101))


def test_a_listener_that_breaks_silences_nobody(any_app: Flask) -> None:
    heard: list[journal.Entry] = []

    def broken(_entry: journal.Entry) -> None:
        raise ValueError

    any_app.extensions["miitti_journal"] = [("a", broken), ("a", heard.append), ("z", heard.append)]
    follower = journal.Follower(any_app)
    with any_app.app_context():
        write("a", 1)
    assert follower.step() == 1
    assert len(heard) == 1


def test_a_new_epoch_forgets_cursors(any_app: Flask) -> None:
    with any_app.app_context():
        write("a", 1)
        before = journal.head("a")
        after = journal.new_epoch("a")
        assert after.epoch != before.epoch
        assert after.seq == 0
        assert write("a", 2) == 1
