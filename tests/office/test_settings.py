import datetime as dt

import pytest

from crm.errors import Invalid, Refused
from crm.office.commands import DemoDay, Thresholds, put_setting, set_demo_today, set_thresholds
from crm.office.queries import setting, thresholds, today
from crm.session import open_as


def test_it_works(people):
    with open_as(people.ada.actor) as session:
        put_setting(session, "logo", {"text": "Perennial"})
        put_setting(session, "logo", {"text": "Perennial CRM"})
    with open_as(people.anna.actor) as session:
        assert setting(session, "logo") == {"text": "Perennial CRM"}
        assert setting(session, "unknown") is None


@pytest.mark.parametrize("name", ["anna", "dana", "amir"])
def test_refused_for_everybody_but_the_administrator(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        set_thresholds(session, Thresholds(active_days=1))
    with open_as(people.ada.actor) as session:
        assert setting(session, "thresholds") is None


def test_thresholds_have_defaults_and_keep_what_was_set(people):
    with open_as(people.ada.actor) as session:
        assert (thresholds(session).active_days, thresholds(session).dormant_days) == (180, 365)
        set_thresholds(session, Thresholds(active_days=90, assets_for_a="2500000.50"))
    with open_as(people.anna.actor) as session:
        assert thresholds(session).active_days == 90
        assert [str(cut) for cut in thresholds(session).asset_cuts] == ["2500000.50", "200000", "50000", "10000"]


def test_thresholds_outlive_a_field_that_is_gone(people):
    with open_as(people.ada.actor) as session:
        put_setting(session, "thresholds", {"active_days": 30, "retired_name": 1})
        assert thresholds(session).active_days == 30


@pytest.mark.parametrize("wrong", [{"active_days": 400}, {"assets_for_b": 5_000_000}, {"assets_for_d": 50_000}])
def test_thresholds_must_be_in_order(people, wrong):
    with pytest.raises(Invalid), open_as(people.ada.actor) as session:
        set_thresholds(session, Thresholds(**wrong))


def test_today_is_the_demos_day_while_it_is_set(people):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=dt.date(1998, 6, 30)))
        assert today(session) == dt.date(1998, 6, 30)
        set_demo_today(session, DemoDay())
        assert today(session) == dt.date.today()
