"""The policy and its versions."""

import datetime as dt

import pytest

from crm.errors import Invalid, Refused, Stale
from crm.session import open_as
from crm.targets.commands import PolicyInput, set_policy
from crm.targets.policy import DEFAULTS
from crm.targets.queries import policy_on, policy_version, policy_versions, rules_on
from tests.factories import TODAY

MAY = dt.date(2026, 5, 1)


def written(by, newest=None, **changes):
    values = {"name": "How we work", "text": "Sign in **every** working day.", "starts_on": MAY, "reason": "First version"}
    with open_as(by.actor) as session:
        return set_policy(session, PolicyInput(**values | changes), newest)


def test_it_works(people):
    first = written(people.eve)
    with open_as(people.anna.actor) as session:
        found = policy_versions(session)
        told = policy_version(session, first.id)
    assert found[["number", "name", "by", "reason"]].values.tolist() == [[1, "How we work", "Eve Tanaka", "First version"]]
    assert told["text"] == "Sign in **every** working day." and told["rules"] == DEFAULTS
    assert told["at"].date() == TODAY


def test_each_change_is_a_version_and_the_old_ones_stay(people):
    first = written(people.eve)
    second = written(people.bao, newest=first.id, travel_per_week=3, starts_on=TODAY, reason="More on the road")
    with open_as(people.anna.actor) as session:
        assert policy_versions(session)["number"].tolist() == [2, 1]
        assert (rules_on(session, MAY).travel_per_week, rules_on(session, TODAY).travel_per_week) == (2, 3)
        assert policy_on(session, TODAY - dt.timedelta(1)) == first.id and policy_on(session, TODAY) == second.id
        assert policy_version(session, first.id)["rules"].travel_per_week == 2


def test_before_the_first_version_what_comes_with_the_product_holds(people):
    written(people.eve, silent_weeks=4)
    with open_as(people.anna.actor) as session:
        assert rules_on(session, MAY - dt.timedelta(1)) == DEFAULTS
        assert policy_on(session, MAY - dt.timedelta(1)) is None


def test_refused_for_whoever_sets_nothing(people):
    for reader in (people.anna, people.ben, people.dana, people.amir):
        with pytest.raises(Refused):
            written(reader)


def test_two_at_once(people):
    first = written(people.eve)
    written(people.bao, newest=first.id, text="Another text")
    with pytest.raises(Stale) as told:
        written(people.eve, newest=first.id, text="Mine")
    assert (told.value.mine, told.value.theirs, told.value.by) == ({"text": "Mine"}, {"text": "Another text"}, "Bao Nguyen")


def test_what_makes_no_sense(people):
    written(people.eve)
    with pytest.raises(Invalid, match="before the version it replaces"):
        written(people.eve, text="New", starts_on=MAY - dt.timedelta(1))
    with pytest.raises(Invalid, match="Nothing differs"):
        written(people.eve, reason="Again")
