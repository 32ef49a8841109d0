"""Two pages are drawn at once; who waits, or takes long, keeps nobody from his."""

import threading
import time

import pytest

from crm.ui import turns
from crm.ui.turns import in_turn, out_of_turn


@pytest.fixture
def crowd():
    """Starts threads that draw until they are told to end."""
    ends, threads = [], []

    def draw(inside=in_turn):
        began, end = threading.Event(), threading.Event()

        def run():
            with inside():
                began.set()
                end.wait(20)

        thread = threading.Thread(target=run)
        thread.start()
        ends.append(end)
        threads.append(thread)
        return began, end

    yield draw
    for end in ends:
        end.set()
    for thread in threads:
        thread.join(20)
    assert not turns._drawing


def test_a_third_begins_when_one_ends(crowd, monkeypatch):
    monkeypatch.setattr(turns, "LONG", 15.0)
    first, end = crowd()
    second, _ = crowd()
    assert first.wait(5) and second.wait(5)
    third, _ = crowd()
    assert not third.wait(0.3)
    end.set()
    assert third.wait(5)


def test_who_saves_lets_others_draw(crowd, monkeypatch):
    monkeypatch.setattr(turns, "LONG", 15.0)
    crowd()
    with in_turn():
        with out_of_turn():
            other, end = crowd()
            assert other.wait(5)
            end.set()
        assert len(turns._drawing) == 2
    assert len(turns._drawing) == 1


def test_what_takes_long_no_longer_counts(crowd, monkeypatch):
    monkeypatch.setattr(turns, "LONG", 0.2)
    crowd()
    crowd()
    start = time.monotonic()
    third, _ = crowd()
    assert third.wait(5) and time.monotonic() - start >= 0.1


def test_an_error_gives_the_turn_back():
    with pytest.raises(ValueError), in_turn():
        raise ValueError
    assert not turns._drawing


def test_outside_of_a_turn_nothing_is_taken():
    with out_of_turn():
        assert not turns._drawing
    assert not turns._drawing
