import pytest

from crm.errors import Invalid, NotFound
from crm.office.commands import remove_view, save_view
from crm.office.queries import views
from crm.session import open_as


def test_it_works_and_the_same_name_replaces(people):
    with open_as(people.anna.actor) as session:
        save_view(session, "customers", "Big ones", {"amount_from": "1000"})
        save_view(session, "customers", " Big ones ", {"amount_from": "2000"})
        save_view(session, "orders", "Big ones", {})
    with open_as(people.anna.actor) as session:
        assert views(session, "customers")[["name", "state"]].values.tolist() == [["Big ones", {"amount_from": "2000"}]]


@pytest.mark.parametrize("name", ["chen", "eve"])
def test_it_is_nobody_elses(people, name):
    """eve sees everything of the office, but her own list of views is hers."""
    with open_as(people.anna.actor) as session:
        save_view(session, "customers", "Big ones", {})
    with open_as(getattr(people, name).actor) as session:
        save_view(session, "customers", "Big ones", {"mine": True})
        assert views(session, "customers")["state"].tolist() == [{"mine": True}]


def test_a_removed_name_can_be_used_again(people):
    with open_as(people.anna.actor) as session:
        remove_view(session, save_view(session, "customers", "Big ones", {}).id)
        assert views(session, "customers").empty
        save_view(session, "customers", "Big ones", {"again": 1})
        assert views(session, "customers")["state"].tolist() == [{"again": 1}]


def test_remove_view_is_refused_for_a_stranger(people):
    with open_as(people.anna.actor) as session:
        view_id = save_view(session, "customers", "Big ones", {}).id
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        remove_view(session, view_id)


def test_a_view_needs_a_name(people):
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        save_view(session, "customers", "  ", {})
