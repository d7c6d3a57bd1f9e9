"""The queue: one job a key, leases that run out, retries, and nothing done twice by two workers."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from miitti.foundation import clock, db, errors, jobs


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    before = dict(jobs.KINDS)
    yield
    jobs.KINDS.clear()
    jobs.KINDS.update(before)


@db.writing
def put(kind: str, key: str, **args: int) -> bool:
    return jobs.enqueue(kind, key=key, args=args)


def state_of(key: str) -> jobs.Job:
    db.session().rollback()
    return db.session().query(jobs.Job).filter_by(key=key).one()


def test_the_same_key_is_one_job_even_when_it_is_done(any_app: Flask) -> None:
    done = []
    jobs.handler("t")(lambda work: done.append(work.args))
    with any_app.app_context():
        assert put("t", "k", a=1)
        assert not put("t", "k", a=2)
    assert jobs.run_until_idle(any_app) == 1
    with any_app.app_context():
        assert not put("t", "k")
    assert jobs.run_until_idle(any_app) == 0
    assert done == [{"a": 1}]


def test_two_rooms_can_not_do_the_same_kind(any_app: Flask) -> None:
    def mine(work: jobs.Work) -> None:
        """Done."""

    jobs.handler("t")(mine)
    jobs.handler("t")(mine)  # a module that is loaded anew declares it again
    with pytest.raises(ValueError, match="t is done by"):
        jobs.handler("t")(lambda work: None)


def test_a_job_goes_with_the_transaction_that_made_it(any_app: Flask) -> None:
    jobs.handler("t")(lambda work: None)

    @db.writing
    def fails() -> None:
        jobs.enqueue("t", key="k")
        raise errors.Refused

    with any_app.app_context():
        with pytest.raises(errors.Refused):
            fails()
        with pytest.raises(RuntimeError):
            jobs.enqueue("t", key="outside")
    assert jobs.run_until_idle(any_app) == 0


def test_a_broken_job_is_tried_again_later_and_tells_no_personal_data(any_app: Flask) -> None:
    @jobs.handler("t", attempts=2)
    def breaks(work: jobs.Work) -> None:
        raise ValueError("liisa@example.fi")

    with any_app.app_context():
        put("t", "k")
    assert jobs.run_until_idle(any_app) == 1
    with any_app.app_context():
        job = state_of("k")
        assert job.state == jobs.State.WAITING
        assert job.run_after > clock.now()
        assert job.error == "ValueError"
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert jobs.run_until_idle(any_app) == 1
    with any_app.app_context():
        assert state_of("k").state == jobs.State.FAILED
        assert [job.key for job in jobs.failed()] == ["k"]
        jobs.again(state_of("k").id)
        assert state_of("k").state == jobs.State.WAITING


def test_retry_and_final_are_obeyed(any_app: Flask) -> None:
    @jobs.handler("t")
    def asks(work: jobs.Work) -> None:
        if work.attempt == 1:
            raise jobs.Retry(100, "later")
        raise jobs.Final("never")

    with any_app.app_context():
        put("t", "k")
    jobs.run_until_idle(any_app)
    with any_app.app_context():
        wait = (state_of("k").run_after - clock.now()).total_seconds()
        assert 75 < wait < 125
    with clock.frozen(clock.now() + timedelta(seconds=130)):
        jobs.run_until_idle(any_app)
    with any_app.app_context():
        assert (state_of("k").state, state_of("k").error) == (jobs.State.FAILED, "never")


def test_a_dead_workers_job_runs_again_and_its_late_word_counts_for_nothing(any_app: Flask) -> None:
    jobs.handler("t", lease=60)(lambda work: None)
    with any_app.app_context():
        put("t", "k")
        work = jobs._claim(["other"])
        assert work is not None
        assert jobs._claim(["other"]) is None
        with clock.frozen(clock.now() + timedelta(seconds=61)):
            again = jobs._claim(["other"])
        assert again is not None
        assert again.attempt == 2
        assert not jobs._renew(work)
        jobs._settle(work, state=jobs.State.FAILED)
        assert state_of("k").state == jobs.State.RUNNING


def test_what_a_job_did_and_that_it_is_done_are_one(any_app: Flask) -> None:
    tries: list[int] = []

    @db.writing
    def note(work: jobs.Work) -> None:
        jobs.finish(work)
        if work.attempt == 1:
            raise RuntimeError

    @jobs.handler("t")
    def once(work: jobs.Work) -> None:
        tries.append(work.attempt)
        note(work)

    with any_app.app_context():
        put("t", "k")
        jobs.run_one(any_app, ["other"])
        assert state_of("k").state == jobs.State.WAITING, "undone with the rest"
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            jobs.run_one(any_app, ["other"])
        assert (state_of("k").state, state_of("k").lease, tries) == (jobs.State.DONE, None, [1, 2])


def test_a_lease_is_renewed_while_the_work_goes_on(any_app: Flask) -> None:
    seen = []

    @jobs.handler("t", lease=0.3)
    def long(work: jobs.Work) -> None:
        first = state_of("k").lease_until
        until = clock.now() + timedelta(seconds=20)
        while state_of("k").lease_until == first:
            assert clock.now() < until
        seen.append(work.attempt)

    with any_app.app_context():
        put("t", "k")
    assert jobs.run_until_idle(any_app) == 1
    assert seen == [1]


def test_workers_side_by_side_do_each_job_once(any_app: Flask) -> None:
    done: list[int] = []
    jobs.handler("t")(lambda work: done.append(work.args["n"]))
    with any_app.app_context():
        for n in range(40):
            put("t", f"k{n}", n=n)
    threads = [threading.Thread(target=jobs.run_until_idle, args=(any_app,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.run_until_idle(any_app)
    assert sorted(done) == list(range(40))


def test_a_worker_told_to_stop_gives_back_what_it_holds(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "GRACE_S", 0.2)
    stop, begun, end = threading.Event(), threading.Event(), threading.Event()

    @jobs.handler("t")
    def long(work: jobs.Work) -> None:
        begun.set()
        assert end.wait(20)

    with any_app.app_context():
        put("t", "k")
    worker = threading.Thread(target=jobs.work, args=(any_app, any_app.config["MIITTI"], stop))
    worker.start()
    assert begun.wait(20)
    stop.set()
    worker.join(20)
    with any_app.app_context():
        assert state_of("k").state == jobs.State.WAITING
    end.set()
    for thread in threading.enumerate():
        if thread.name.startswith("lane-"):
            thread.join(20)
