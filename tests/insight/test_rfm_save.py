import pytest

from crm.analytics.segments import DEFAULT_SEGMENTS, segments_to_dicts
from crm.errors import CrmError, Refused, Stale
from crm.insight.commands.rfm import RfmScale, save_rfm
from crm.insight.queries.rfm import rfm_settings
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY

CUTS = {"r": [30, 90, 180, 360], "f": [2, 3, 5, 9], "m": [100, 500, 1000, 5000]}
USUAL = segments_to_dicts(DEFAULT_SEGMENTS)


def save(person, cuts=None, segments=USUAL, version=0):
    with open_as(person.actor) as session:
        save_rfm(session, RfmScale(cuts=cuts, segments=segments), version)


def saved(person):
    with open_as(person.actor) as session:
        return rfm_settings(session)


def test_it_works(people):
    save(people.amir, CUTS)
    assert saved(people.anna) == {"cuts": CUTS, "segments": USUAL, "version": 1}
    save(people.dana, None, USUAL[1:] + USUAL[:1], 1)
    assert saved(people.anna)["cuts"] is None
    assert [rule["key"] for rule in saved(people.anna)["segments"]][-1] == "champions"


def test_refused_for_whoever_may_not_publish(people):
    for person in (people.anna, people.ben, people.mia, people.gia, people.ada):
        with pytest.raises(Refused):
            save(person, CUTS)
    assert saved(people.anna)["version"] == 0


def test_who_may_publish_changes_no_other_setting(people):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))


def test_every_score_needs_a_segment(people):
    with pytest.raises(CrmError, match="No segment rule covers"):
        save(people.amir, segments=USUAL[:-1])
    with pytest.raises(CrmError, match="stands here twice"):
        save(people.amir, segments=[*USUAL, USUAL[0]])
    with pytest.raises(CrmError, match="two whole numbers"):
        save(people.amir, segments=[*USUAL, {"key": "x", "label": "X", "r": [5, 1]}])


def test_cut_points_are_four_in_rising_order(people):
    for wrong in ([30, 20, 180, 360], [30, 90, 180], []):
        with pytest.raises(CrmError):
            save(people.amir, CUTS | {"r": wrong})


def test_a_stale_save_is_refused(people):
    save(people.amir, CUTS)
    save(people.amir, None, version=1)
    with pytest.raises(Stale):
        save(people.dana, CUTS | {"f": [2, 4, 6, 8]}, version=1)
