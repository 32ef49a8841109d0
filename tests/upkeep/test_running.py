"""When a job is due, that one process runs it, and that a failing one stops no other."""

import datetime as dt
from threading import Event, Thread

import pytest

from crm.jobs import JOBS
from crm.upkeep.running import EVERY, Runner, alone

MONDAY = dt.datetime(2026, 3, 2, 2, 30)
NIGHT = dt.time(2, 0)


@pytest.fixture
def ran():
    return []


@pytest.fixture
def runner(ran):
    def job(name):
        return lambda day: ran.append(name) or {"rows": len(ran)}

    return Runner(NIGHT, tell=lambda line: None, jobs={name: job(name) for name in JOBS})


def test_a_new_one_begins_with_all_that_is_due_in_the_order_of_the_jobs(runner, ran):
    runner.run_due(MONDAY)
    assert ran == list(JOBS)


def test_each_runs_once_a_day_and_the_quick_ones_in_between(runner, ran):
    for minutes in range(0, 23 * 60, 5):
        runner.run_due(MONDAY + dt.timedelta(minutes=minutes))
    assert ran.count("scores") == 1
    assert ran.count("forecast") == 1
    assert ran.count("escalations") == 23 * 4
    assert ran.count("reminders") == 23


def test_before_the_hour_only_the_quick_ones_run(runner):
    assert set(runner.due(MONDAY.replace(hour=1))) == set(EVERY)


def test_the_weekly_one_is_made_up_for(runner, ran):
    """Started on a Wednesday: the week has none yet. From then on only on Mondays."""
    for day in range(2, 14):
        runner.run_due(MONDAY + dt.timedelta(day))
    assert ran.count("forecast") == 2
    assert ran.count("scores") == 12


def test_what_fails_is_told_and_tried_again_after_an_hour_and_stops_nothing(ran):
    told = []

    def fails(day):
        ran.append("scores")
        raise OSError("disk full")

    runner = Runner(NIGHT, tell=told.append, jobs={"scores": fails, "calls": lambda day: {"drawn": 5}})
    for minutes in (0, 10, 30, 59, 61):
        runner.run_due(MONDAY + dt.timedelta(minutes=minutes))
    assert ran == ["scores", "scores"]
    assert told.count("calls: drawn 5") == 1
    assert "disk full" in told[0]


def test_the_real_ones_run(people):
    told = []
    Runner(dt.time(0, 0), tell=told.append).run_due(dt.datetime.combine(dt.date.today(), dt.time(12)))
    assert [line.split(":")[0] for line in told] == list(JOBS)


def test_a_second_one_waits_until_the_first_is_gone(people, monkeypatch):
    monkeypatch.setattr("crm.upkeep.running._PAUSE", 0.01)
    waiting, began = Event(), Event()

    def second():
        with alone(lambda line: waiting.set()):
            began.set()

    with alone():
        thread = Thread(target=second)
        thread.start()
        assert waiting.wait(20)
        assert not began.is_set()
    assert began.wait(20)
    thread.join()
