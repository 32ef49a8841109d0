import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.customers.commands import GroupDetails, GroupEdit, create_group, edit_group, refresh_base, remove_group
from crm.customers.filters import CustomerFilter
from crm.customers.models import GroupMember
from crm.customers.queries import customer_list, group, group_choices, group_size, groups
from crm.customers.scales import Scale
from crm.errors import CrmError, Invalid, NotFound, Refused, Stale
from crm.session import get, open_as
from tests.factories import TODAY, a_customer, an_order


def make(person, name="Sleeping giants", ids=(), purpose="segment", until=None, by_rule=False, **where):
    with open_as(person.actor) as session:
        details = GroupDetails(name=name, purpose=purpose, by_rule=by_rule, until=until, made_from="RFM cell 5-4")
        return create_group(session, details, CustomerFilter(ids=tuple(one.id for one in ids), **where)).id


def names(person, **where):
    with open_as(person.actor) as session:
        return customer_list(session, CustomerFilter(**where), "name", False)["name"].tolist()


@pytest.fixture
def three(people):
    """Big (500, today), Small (5, in May), Foreign (another unit's, 50)"""
    found = [a_customer(people.anna, name="Big", region="North"), a_customer(people.anna, name="Small")]
    found.append(a_customer(people.chen, name="Foreign"))
    an_order(found[0], 400, on=TODAY - dt.timedelta(100))
    an_order(found[0], 100, on=TODAY)
    an_order(found[1], 5, on=dt.date(2026, 5, 1))
    an_order(found[2], 50, on=TODAY)
    return found


def test_a_fixed_list_keeps_who_was_in_it(people, three, day):
    giants = make(people.anna, ids=three[:2])
    assert names(people.anna, group_id=(giants,)) == ["Big", "Small"]
    an_order(three[1], 1000)
    assert names(people.anna, group_id=(giants,), amount_from=Decimal(400)) == ["Big", "Small"]
    with open_as(people.anna.actor) as session:
        (row,) = groups(session, people.anna.board_id).itertuples()
        assert (row.name, row.by_rule, row.owner, row.made_from) == ("Sleeping giants", False, "Anna Lindqvist", "RFM cell 5-4")
        assert group_choices(session) == {giants: "Sleeping giants"}
        assert group_size(session, giants) == 2


def test_a_rule_finds_who_fits_today(people, three, day):
    giants = make(people.amir, by_rule=True, amount_from=Decimal(100), board_id=(people.amir.board_id,))
    assert names(people.amir, group_id=(giants,)) == ["Big"]
    an_order(three[2], 1000)
    assert names(people.amir, group_id=(giants,)) == ["Big", "Foreign"]
    machine = a_customer(people.emil, name="Other board")
    an_order(machine, 5000)
    assert names(people.eve, group_id=(giants,)) == ["Big", "Foreign"]


def test_both_kinds_together(people, three, day):
    rule = make(people.ben, "Big ones", by_rule=True, amount_from=Decimal(100))
    fixed = make(people.ben, "Small ones", ids=[three[1]])
    assert names(people.ben, group_id=(rule, fixed)) == ["Big", "Small"]
    assert names(people.ben, group_id=(rule,), region=("South",)) == []


def test_who_may_not_change_customers_makes_lists_of_them(people, three, day):
    for person in (people.amir, people.mia):
        made = make(person, f"List of {person.username}", ids=three, purpose="audience")
        assert names(person, group_id=(made,)) == ["Big", "Foreign", "Small"]
    for person in (people.gia, people.ada):
        with pytest.raises(Refused):
            make(person, ids=three)


def test_members_one_does_not_see_stay_hidden(people, three, day):
    made = make(people.dana, ids=three)
    assert names(people.anna, group_id=(made,)) == ["Big", "Small"]
    assert names(people.chen, group_id=(made,)) == ["Foreign"]
    with open_as(people.chen.actor) as session:
        assert group_size(session, made) == 1
        assert session.query(GroupMember).count() == 1
    assert names(people.emil, group_id=(made,)) == []
    with pytest.raises(NotFound), open_as(people.emil.actor) as session:
        group(session, made)


def test_a_neighbours_list_is_hidden_and_finds_nothing(people, three, day):
    made = make(people.anna, by_rule=True, amount_from=Decimal(1))
    with open_as(people.chen.actor) as session:
        assert groups(session).empty and group_choices(session) == {}
    assert names(people.chen, group_id=(made,)) == []
    with open_as(people.anna.actor) as session, pytest.raises(NotFound):
        get(session, type(get(session, GroupMember, None)), made)


def test_picked_customers_that_one_does_not_see_are_left_out(people, three, day):
    made = make(people.anna, ids=three)
    with open_as(people.dana.actor) as session:
        assert group_size(session, made) == 2
    with pytest.raises(Invalid):
        make(people.emil, "Spying", ids=three)


def test_a_call_list_has_a_last_day_and_is_fixed(people, three, day):
    make(people.mia, ids=three, purpose="call_list", until=TODAY + dt.timedelta(7))
    wrong = [
        {"purpose": "call_list"},
        {"purpose": "call_list", "until": TODAY - dt.timedelta(1)},
        {"purpose": "segment", "until": TODAY},
        {"purpose": "call_list", "until": TODAY, "by_rule": True},
        {"purpose": "audience", "by_rule": True},
    ]
    for changes in wrong:
        with pytest.raises(Invalid):
            make(people.mia, "Second", ids=three, **changes)
    with open_as(people.mia.actor) as session:
        assert groups(session, purpose="call_list")["until"].tolist() == [TODAY + dt.timedelta(7)]
        assert groups(session, purpose="audience").empty


def test_a_rule_names_no_other_list(people, three, day):
    first = make(people.ben, by_rule=True, region=("North",))
    with pytest.raises(Invalid):
        make(people.ben, "Loop", by_rule=True, group_id=(first,))
    with pytest.raises(Invalid):
        make(people.ben, "Everybody", by_rule=True)
    kept = make(people.ben, "Of a list", group_id=(first,))
    assert names(people.ben, group_id=(kept,)) == ["Big"]


def test_customers_of_two_boards_are_not_one_list(people, three, day):
    machine = a_customer(people.emil)
    with pytest.raises(Invalid, match="several boards"):
        make(people.eve, ids=[three[0], machine])
    with pytest.raises(Invalid, match="no customer"):
        make(people.eve, region=("Nowhere",))


def test_a_name_is_given_once_in_a_unit_and_free_after_deleting(people, three, day):
    made = make(people.anna, ids=three[:1])
    with pytest.raises(CrmError) as refusal:
        make(people.ben, ids=three[:1])
    assert refusal.value.template == "Your unit already has a list of this name."
    make(people.chen, ids=three[2:])
    with open_as(people.anna.actor) as session:
        remove_group(session, made)
    again = make(people.anna, ids=three[:1])
    assert names(people.anna, group_id=(made,)) == []
    assert names(people.anna, group_id=(again,)) == ["Big"]


def test_renamed_by_the_maker_or_the_lead_and_by_nobody_else(people, three, day):
    made = make(people.anna, ids=three[:2])
    edit(people.anna, made, "Giants", 1)
    edit(people.ben, made, "Great ones", 2)
    with open_as(people.anna.actor) as session:
        assert group(session, made) == {
            "name": "Great ones",
            "purpose": "segment",
            "until": None,
            "version": 3,
            "may_change": True,
        }
    with open_as(people.amir.actor) as session:
        assert not group(session, made)["may_change"]
    for person, refusal in ((people.amir, Refused), (people.mia, Refused), (people.chen, NotFound), (people.gia, Refused)):
        with pytest.raises(refusal):
            edit(person, made, "Mine", 3)
        with pytest.raises(refusal), open_as(person.actor) as session:
            remove_group(session, made)


def test_a_stale_save_and_a_double_name_are_refused(people, three, day):
    made = make(people.anna, ids=three[:2])
    make(people.anna, "Taken", ids=three[:2])
    edit(people.anna, made, "Giants", 1)
    with pytest.raises(Stale):
        edit(people.ben, made, "Whales", 1)
    with pytest.raises(Invalid):
        edit(people.anna, made, "Taken", 2)


def edit(person, group_id, name, version):
    with open_as(person.actor) as session:
        edit_group(session, group_id, GroupEdit(name=name), version)


# ----------------------------------------------------------------------------------------------------- rfm cells


SCALE = Scale(r=(10, 30, 60, 90), f=(2, 3, 4, 5), m=(10, 50, 100, 500))


def test_by_cells_of_the_stored_scores(people, three, day):
    with open_as(SYSTEM) as session:
        refresh_base(session, TODAY)
    with open_as(people.dana.actor) as session:
        scores = {one.name: one for one in (get(session, type(three[0]), made.id) for made in three)}
    big = scores["Big"]
    assert "Big" in names(people.dana, rfm=(f"{big.r_score}-{big.f_score}",))
    assert names(people.dana, rfm=(f"{big.r_score}-{big.f_score}-{big.m_score}",)) == ["Big"]
    assert names(people.dana, rfm=("1-1-5",)) == []


def test_by_cells_of_cut_points(people, three, day):
    # the lower the recency the better: Big and Foreign bought today (r 5), Small 60 days ago (r 3)
    scale = SCALE.written()
    assert names(people.dana, rfm=("5-2",), rfm_scale=scale) == ["Big"]
    assert names(people.dana, rfm=("5-1", "3-1"), rfm_scale=scale) == ["Foreign", "Small"]
    assert names(people.dana, rfm=("5-1-3", "5-2-5"), rfm_scale=scale) == ["Big", "Foreign"]
    assert names(people.dana, rfm=("5-1-3", "3-1"), rfm_scale=scale) == ["Foreign", "Small"]
    assert names(people.anna, rfm=("5-1", "3-1"), rfm_scale=scale) == ["Small"]


def test_unreachable_cut_points_reach_nobody(people, three, day):
    scale = Scale(r=(float("-inf"), 10, 30, 1e9), f=(2, 3, float("inf"), float("inf")), m=(float("inf"),) * 4)
    assert names(people.dana, rfm=("4-2-1",), rfm_scale=scale.written()) == ["Big"]
    assert Scale.parse(scale.written()) == scale


@pytest.mark.parametrize("wrong", ["r=1", "r=1;f=2;m=x", "r=1;f=2;m=3;s=4", "r=nan;f=1;m=1", "DROP"])
def test_what_is_no_scale_is_no_filter(wrong):
    with pytest.raises(ValueError):
        CustomerFilter(rfm_scale=wrong)


def test_no_cell_no_filter():
    for cell in ("5", "5-0", "a-b", "5-4-3-2"):
        with pytest.raises(ValueError):
            CustomerFilter(rfm=(cell,))
