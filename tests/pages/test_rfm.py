"""The RFM explorer: cells, segments, two dates and rules, each leading to its customers."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.analytics.segments import DEFAULT_SEGMENTS
from crm.customers.queries import group_size, groups
from crm.insight.queries.rfm import rfm_settings
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/insight/rfm.py"


@pytest.fixture
def base(people):
    """Five of anna's, from Best (today, five orders) to Gone (two years ago, one); one of chen's"""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    silent = {"Best": 0, "Good": 20, "Middle": 100, "Low": 300, "Gone": 700}
    for place, (name, days) in enumerate(silent.items()):
        customer = a_customer(people.anna, name=name)
        for number in range(5 - place):
            an_order(customer, 100 * (5 - place), on=TODAY - dt.timedelta(days + 30 * number))
    an_order(a_customer(people.chen, name="Foreign"), 50, on=TODAY - dt.timedelta(40))
    a_customer(people.anna, name="Never")


CUTS = "r=30,60,200,400;f=2,3,4,5;m=200,500,1000,2000"


def listed(at):
    found = [one.value for one in at.dataframe if "name" in one.value]
    return sorted(found[-1]["name"]) if found else []


def editor_of(at, start):
    """The key of the table whose key begins so."""
    return next(key for one in at.dataframe if (key := one.proto.id.split("-", 2)[-1]).startswith(start))


def address(at, name):
    found = at.query_params[name]
    return found if isinstance(found, str) else ",".join(found)


def select(at, start, *points):
    """Click marks of the chart whose key begins so."""
    chart = next(one for one in at.get("plotly_chart") if f"-{start}" in one.proto.id)
    key = chart.proto.id.split("-", 2)[-1]
    at.session_state[key] = {"selection": {"points": [{"customdata": list(point)} for point in points]}}
    return at.run()


def test_a_cell_leads_to_its_customers(people, base):
    at = opened(PAGE, people.amir, cuts=CUTS)
    assert not at.exception
    assert "of the customers bought lately and often; they brought" in texts(at)
    assert listed(at) == []
    select(at, "rfm.cells", (5, 5, 1, 2500.0))
    assert listed(at) == ["Best"]
    assert address(at, "pick") == "5-5"
    select(at, "rfm.cells", (4, 1, 1, 50.0))
    assert listed(at) == ["Best", "Foreign"]
    at.button(key="rfm.chip.5-5").click().run()
    assert listed(at) == ["Foreign"]


def test_the_state_stands_in_the_address(people, base):
    at = opened(PAGE, people.amir, cuts=CUTS, show="segments", segment="champions", value="revenue")
    assert listed(at) == ["Best", "Good"]
    assert at.segmented_control(key="rfm.value").value == "revenue"
    for nonsense in ({"cuts": "r=1;f=2"}, {"cuts": "x"}, {"as_of": "then"}, {"pick": "9-9"}, {"show": "all"}, {"before": "x"}):
        assert not opened(PAGE, people.amir, **nonsense).exception


def test_a_segment_is_opened_from_its_row_as_well(people, base):
    at = opened(PAGE, people.amir, cuts=CUTS, show="segments")
    assert "bring most" in texts(at)
    rows = at.dataframe[-1].value
    assert rows["customers"].sum() == 6
    key = at.dataframe[-1].proto.id.split("-", 2)[-1]
    at.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [(0, "segment")]}}
    at.run()
    assert listed(at) == ["Best", "Good"]


def test_a_rep_sees_only_his_own(people, base):
    at = opened(PAGE, people.chen, show="segments", segment=DEFAULT_SEGMENTS[0].key, cuts=CUTS)
    assert listed(at) == []
    assert "No customer is in this selection." in texts(at)
    at = opened(PAGE, people.anna, cuts=CUTS, pick="5-5")
    assert listed(at) == ["Best"]
    assert "rfm.save" not in keys(at)


def test_seen_from_an_earlier_day(people, base):
    at = opened(PAGE, people.amir, cuts=CUTS, as_of=(TODAY - dt.timedelta(200)).isoformat(), pick="4-1")
    # only Low (300 days ago) and Gone (700) had bought then, and Middle not yet
    assert not at.exception
    assert listed(at) == []
    at = opened(PAGE, people.amir, cuts=CUTS, as_of=(TODAY - dt.timedelta(290)).isoformat(), pick="5-2")
    assert listed(at) == ["Low"]


def test_quintiles_become_cut_points_to_be_moved(people, base):
    at = opened(PAGE, people.amir)
    at.segmented_control(key="rfm.by").set_value("points").run()
    assert address(at, "cuts").startswith("r=")
    assert "rfm.save" in keys(at)
    editor = editor_of(at, "rfm.cuts_editor")
    at.session_state[editor] = {"edited_rows": {0: {"r": 5}}, "added_rows": [], "deleted_rows": []}
    submit(at, "Apply cut points")
    assert address(at, "cuts").startswith("r=5,")


def test_cut_points_out_of_order_are_refused(people, base):
    at = opened(PAGE, people.amir, cuts=CUTS)
    editor = editor_of(at, "rfm.cuts_editor")
    at.session_state[editor] = {"edited_rows": {0: {"r": 500}}, "added_rows": [], "deleted_rows": []}
    submit(at, "Apply cut points")
    assert "The cut points stay as they were." in at.error[0].value
    assert address(at, "cuts") == CUTS


def submit(at, label):
    next(button for button in at.button if button.label == label).click().run()


def test_the_analyst_saves_cut_points_for_the_firm(people, base):
    at = opened(PAGE, people.amir, cuts=CUTS)
    assert "customers would change segment" in texts(at)
    at.button(key="rfm.save").click().run()
    assert not at.exception
    with open_as(people.anna.actor) as session:
        assert rfm_settings(session)["cuts"] == {
            "r": [30, 60, 200, 400],
            "f": [2, 3, 4, 5],
            "m": [200, 500, 1000, 2000],
        }
    assert "rfm.save" not in keys(opened(PAGE, people.amir))


def test_rules_are_tried_before_they_are_saved(people, base):
    at = opened(PAGE, people.amir, cuts=CUTS, show="rules")
    editor = editor_of(at, "rfm.rules_editor")
    at.session_state[editor] = {
        "edited_rows": {0: {"segment": "贵宾"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    submit(at, "Try these rules")
    assert not at.exception
    at.segmented_control(key="rfm.show").set_value("segments").run()
    assert "贵宾" in texts(at)
    at.button(key="rfm.save").click().run()
    with open_as(people.amir.actor) as session:
        assert rfm_settings(session)["segments"][0] == {"key": "贵宾", "label": "贵宾", "r": [4, 5], "f": [4, 5], "m": [4, 5]}


def test_rules_that_leave_a_score_without_segment_are_refused(people, base):
    at = opened(PAGE, people.amir, show="rules")
    editor = editor_of(at, "rfm.rules_editor")
    at.session_state[editor] = {"edited_rows": {}, "added_rows": [], "deleted_rows": [10]}
    submit(at, "Try these rules")
    assert "No segment rule covers the scores" in at.error[0].value


def test_from_one_day_to_another(people, base):
    then = (TODAY - dt.timedelta(365)).isoformat()
    at = opened(PAGE, people.amir, cuts=CUTS, show="change", before=then)
    assert not at.exception
    assert "stayed in their segment" in texts(at)
    rows = at.dataframe[-1].value
    assert rows["customers"].sum() == 6
    select(at, "rfm.matrix", ("not_yet_customer", "champions", 2))
    assert listed(at) == ["Best", "Good"]
    at = opened(PAGE, people.amir, cuts=CUTS, show="change", before=then, flow_as="streams")
    assert not at.exception and len(at.get("plotly_chart")) == 1
    at = opened(PAGE, people.amir, cuts=CUTS, show="change", before="2001-01-01")
    assert "Nobody had bought by" in texts(at)


def test_without_customers_it_says_what_to_do(people):
    at = opened(PAGE, people.amir)
    assert "Nobody has bought by this day." in texts(at)


def test_the_agent_and_the_administrator_do_not_see_it(people, base):
    for person in (people.gia, people.ada):
        at = opened(PAGE, person)
        assert "rfm.show" not in {one.key for one in at.segmented_control}


@pytest.mark.parametrize("show", ["cells", "segments", "change", "rules"])
def test_in_chinese(people, base, show):
    at = opened(PAGE, people.amir, "zh", cuts=CUTS, show=show, pick="5-5", segment="champions")
    assert not at.exception
    assert english_left(at) == set()


# ----------------------------------------------------------------------------------------------------- lists


def lists_body(board_id):
    from crm.ui.insight.rfm_lists import lists_dialog

    lists_dialog(board_id)


def opened_list(person, board_id, made):
    at = dialog(lists_body, person, board_id)
    position = [int(one) for one in made].index(made[0])
    at.session_state["groups.table"] = {"selection": {"rows": [], "columns": [], "cells": [(position, "name")]}}
    return at.run()


def test_a_list_is_renamed_and_deleted(people, base):
    from tests.customers.test_groups import make

    make(people.amir, "Loyal ones", board_id=(people.amir.board_id,))
    at = opened_list(people.amir, people.amir.board_id, [1])
    assert "7 customers today" in texts(at)
    name = next(one for one in at.text_input)
    name.set_value("Faithful ones")
    submit(at, "Save")
    with open_as(people.amir.actor) as session:
        (row,) = groups(session).itertuples()
        assert row.name == "Faithful ones" and group_size(session, row.id) == 7
    at = opened_list(people.mia, people.amir.board_id, [1])
    assert "groups.delete" not in keys(at)
    at = opened_list(people.amir, people.amir.board_id, [1])
    at.button(key="groups.delete").click().run()
    with open_as(people.amir.actor) as session:
        assert groups(session).empty
