"""Plans of targets: the list, the grid with what is refused, copying, splitting, sums, versions, and the way in and out."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.targets.commands import Because, Cell, PlanDetails, add_plan, approve_plan, set_targets
from crm.targets.queries import TargetFilter, plan_facts, plans, quota_table, targets, versions
from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/performance/targets.py"
JUNE = dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def day(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))


@pytest.fixture
def plan(people):
    """A draft of the director for the board."""
    with open_as(people.dana.actor) as session:
        return add_plan(session, PlanDetails(name="Music 2026", year=2026), people.units["Music"])


def a_cell(kind, subject_id, base=1000, day=JUNE, **changes):
    values = {"measure": "revenue", "period": "month", "base": None if base is None else Decimal(str(base))}
    return Cell(**{**values, "subject_kind": kind, "subject_id": subject_id, "starts_on": day, **changes})


@pytest.fixture
def filled(people, plan):
    """The board 2000, the East team 900 with Anna 700 and Ben 400."""
    with open_as(people.dana.actor) as session:
        cells = [("board", people.units["Music"], 2000), ("team", people.units["Sales East"], 900)]
        cells += [("person", people.anna.id, 700), ("person", people.ben.id, 400)]
        set_targets(session, plan.id, [a_cell(*one) for one in cells])
    return plan


@pytest.fixture
def approved(people, filled):
    with open_as(people.dana.actor) as session:
        approve_plan(session, filled.id, filled.version)
    return filled


def page(person, plan=None, **query):
    return opened(PAGE, person, show="plans", **({"plan": plan.id} if plan else {}), **query)


def typed(at, plan, **rows):
    """`r0={"2026-06-01": 5}`: what was typed into the first row."""
    key = at.session_state[f"plan.{plan.id}.typed"].drawn.key
    edited = {int(name[1:]): values for name, values in rows.items()}
    at.session_state[key] = {"edited_rows": edited, "added_rows": [], "deleted_rows": []}
    return at.run()


def bases(person, plan, **where):
    with open_as(person.actor) as session:
        found = targets(session, TargetFilter(plan_id=plan.id, **where))
    return dict(zip(found["subject"], found["base"], strict=True))


# ------------------------------------------------------------------------------------------------------- the list


def test_a_board_without_plans_says_what_to_do_first(people):
    at = page(people.dana)
    assert not at.exception
    assert "begin one for a year" in texts(at) and "plan.new" in keys(at)
    reader = page(people.anna)
    assert "as soon as your lead sets them" in texts(reader) and "plan.new" not in keys(reader)


def test_the_list_tells_states_and_totals(people, approved):
    with open_as(people.ben.actor) as session:
        add_plan(session, PlanDetails(name="East 2026", year=2026))
    at = page(people.dana)
    rows = at.dataframe[0].value.set_index("name")
    assert rows.loc["Music 2026", ["state", "targets", "sum_revenue"]].tolist() == ["Approved", 4, 2000]
    assert rows.loc["East 2026", "state"] == "Draft"
    assert "1 of 2 plans approved" in texts(at)


@pytest.mark.parametrize("name", ["anna", "amir", "gia"])
def test_who_only_reads_finds_no_buttons(people, filled, name):
    at = page(getattr(people, name), filled)
    assert not at.exception
    assert not {"plan.save", "plan.copy", "plan.approve", "plan.edit", "plan.delete", "plan.add"} & keys(at)


def test_a_rep_sees_his_own_and_what_stands_above(people, filled):
    at = page(people.anna, filled)
    names = [name.strip() for name in at.dataframe[0].value["subject"]]
    assert names == ["Music", "Sales East", "Anna Lindqvist"]


def test_a_stranger_is_told_nothing(people, filled):
    at = page(people.emil, filled)
    assert "This record does not exist, or it is not yours to see." in at.error[0].value


def test_a_plan_of_the_lead_is_his_and_not_that_of_the_board(people, filled):
    with open_as(people.ben.actor) as session:
        mine = add_plan(session, PlanDetails(name="East 2026", year=2026))
    assert {"plan.edit", "plan.delete"} <= keys(page(people.ben, mine))
    assert "plan.approve" not in keys(page(people.ben, mine))
    assert not {"plan.edit", "plan.delete", "plan.copy"} & keys(page(people.ben, filled))


def new_body():
    from crm.staff.sign_in import Board
    from crm.ui.desk import me
    from crm.ui.targets.listing import new_plan

    new_plan(next(one for one in me().boards if isinstance(one, Board)))


def test_a_new_plan_is_a_draft_of_the_unit_that_was_chosen(people):
    at = dialog(new_body, people.dana)
    assert at.number_input[0].value == 2026
    at.text_input[0].set_value("Music again")
    at.selectbox[0].set_value(people.units["Sales East"])
    at.button[0].click().run()
    assert not at.exception
    with open_as(people.dana.actor) as session:
        (row,) = plans(session).to_dict("records")
    assert (row["name"], row["unit"], row["state"]) == ("Music again", "Sales East", "draft")


# ------------------------------------------------------------------------------------------------------- the grid


def test_an_empty_grid_offers_lines_and_what_is_typed_is_saved(people, plan):
    at = page(people.dana, plan)
    assert "No target of revenue yet" in texts(at)
    at.button(key="plan.offer.people").click().run()
    names = [name.strip() for name in at.dataframe[0].value["subject"]]
    assert names[0] == "Music" and {"Anna Lindqvist", "Sales East"} <= set(names)
    typed(at, plan, **{f"r{names.index('Anna Lindqvist')}": {"2026-06-01": 500, "2026-07-01": 600}})
    assert "2 cells typed" in texts(at)
    at.button(key="plan.save").click().run()
    assert not at.exception
    assert bases(people.dana, plan, starts_from=JUNE, starts_to=JUNE) == {"Anna Lindqvist": 500}
    assert at.dataframe[0].value.set_index("subject")["total"].to_dict()["\u2003\u2003Anna Lindqvist"] == 1100


def test_only_changed_cells_are_sent_and_the_sums_follow_while_typing(people, filled):
    at = page(people.dana, filled)
    assert "its parts come to CN¥1.1K less" in texts(at)
    typed(at, filled, r1={"2026-06-01": 2500})
    assert "its parts come to CN¥500.00 more" in texts(at)
    at.button(key="plan.save").click().run()
    with open_as(people.dana.actor) as session:
        found = targets(session, TargetFilter(plan_id=filled.id)).set_index("subject")
    assert found["version"].to_dict() == {"Music": 1, "Sales East": 2, "Anna Lindqvist": 1, "Ben Okafor": 1}


def test_refused_cells_are_named_and_what_was_typed_stays(people, filled):
    at = page(people.dana, filled, level="stretch")
    typed(at, filled, r0={"2026-06-01": 1500, "2026-07-01": 3000}, r1={"2026-06-01": 950})
    at.button(key="plan.save").click().run()
    refused = at.dataframe[0].value
    assert refused[["Subject", "Period"]].values.tolist() == [["Music", "Jun 2026"], ["Music", "Jul 2026"]]
    assert "go upwards" in refused["Why not"][0] and "need a base" in refused["Why not"][1]
    assert "What you typed is kept" in texts(at) and "3 cells typed" in texts(at)
    assert at.dataframe[1].value.loc[0, "2026-06-01"] == 1500
    typed(at, filled, r0={"2026-06-01": 2100, "2026-07-01": None}, r1={"2026-06-01": 950})
    at.button(key="plan.save").click().run()
    with open_as(people.dana.actor) as session:
        found = targets(session, TargetFilter(plan_id=filled.id)).set_index("subject")["stretch"]
    assert found.loc[["Music", "Sales East"]].tolist() == [2100, 950]


def test_what_somebody_saved_meanwhile_is_told(people, filled):
    at = page(people.dana, filled)
    typed(at, filled, r3={"2026-06-01": 750})
    with open_as(people.bao.actor) as session:
        set_targets(session, filled.id, [a_cell("person", people.anna.id, 720, version=1)])
    at.run()
    at.button(key="plan.save").click().run()
    assert "Somebody has set 720 here" in at.dataframe[0].value["Why not"][0]
    assert bases(people.dana, filled)["Anna Lindqvist"] == 720
    at.button(key="plan.refused.mine").click().run()
    at.button(key="plan.save").click().run()
    assert bases(people.dana, filled)["Anna Lindqvist"] == 750


def test_what_is_typed_survives_a_switch(people, filled):
    at = page(people.dana, filled)
    typed(at, filled, r3={"2026-06-01": 750})
    at.segmented_control(key="switch.level").set_value("stretch").run()
    at.segmented_control(key="switch.level").set_value("base").run()
    assert at.dataframe[0].value.loc[3, "2026-06-01"] == 750
    at.button(key="plan.discard").click().run()
    assert at.dataframe[0].value.loc[3, "2026-06-01"] == 700


def test_an_approved_plan_asks_for_the_reason(people, approved):
    at = page(people.dana, approved)
    typed(at, approved, r3={"2026-06-01": 750})
    at.button(key="plan.save").click().run()
    assert "fill this in" in at.error[0].value
    assert bases(people.dana, approved)["Anna Lindqvist"] == 700
    at.text_input(key=f"plan.{approved.id}.reason").set_value("A new region").run()
    at.button(key="plan.save").click().run()
    assert bases(people.dana, approved)["Anna Lindqvist"] == 750
    with open_as(people.dana.actor) as session:
        assert versions(session, approved.id)["reason"].tolist() == ["A new region", "approved"]


def test_units_are_filled_with_the_sums_of_their_parts(people, plan):
    with open_as(people.dana.actor) as session:
        set_targets(session, plan.id, [a_cell("person", people.anna.id, 700), a_cell("person", people.ben.id, 400)])
    at = page(people.dana, plan)
    at.session_state[f"plan.{plan.id}.typed"].added |= {
        ("board", people.units["Music"]),
        ("team", people.units["Sales East"]),
    }
    at.session_state["plan.fill"] = True
    at.run()
    at.button(key="plan.fill.sums").click().run()
    at.button(key="plan.save").click().run()
    told = bases(people.dana, plan)
    assert (told["Sales East"], told["Music"]) == (1100, 1100)


# ------------------------------------------------------------------------------------------- copy, split, take a sum


def grid_body(plan_id, name):
    from crm.targets.queries import plan_facts
    from crm.targets.queries.planning import candidates
    from crm.ui.desk import figures
    from crm.ui.targets import spreading
    from crm.ui.targets.lines import in_grid
    from crm.ui.targets.typed import Drawn, typed_of

    facts, typed = figures(plan_facts, plan_id=plan_id), typed_of(plan_id)
    drawn = Drawn("grid", "revenue", "month", "base", (), (), 1)
    if name == "copy":
        spreading.copy_dialog(facts, typed, drawn, figures(candidates, plan_id=plan_id))
    else:
        spreading.split_dialog(facts, typed, drawn)
    in_grid(facts, typed, "revenue", "month")


def test_last_years_results_and_ten_percent_become_targets(people, plan):
    an_order(a_customer(people.anna), "200", on=dt.date(2025, 3, 9))
    at = dialog(grid_body, people.dana, plan.id, "copy")
    assert not at.exception
    at.number_input(key="copy.percent").set_value(10.0).run()
    at.button(key="copy.yes").click().run()
    assert not at.exception
    march = dt.date(2026, 3, 1)
    told = bases(people.dana, plan, starts_from=march, starts_to=march)
    assert (told["Anna Lindqvist"], told["Sales East"], told["Music"], told["Chen Wei"]) == (220, 220, 220, 0)


def test_the_target_of_a_board_is_split_among_its_teams(people, filled):
    at = dialog(grid_body, people.dana, filled.id, "split")
    assert "Music" in at.selectbox(key="split.whole").options[0]
    at.segmented_control(key="split.how").set_value("equal").run()
    assert "Sales West CN¥666.67" in texts(at)
    at.button(key="split.yes").click().run()
    assert not at.exception
    told = bases(people.dana, filled)
    assert sum(told[name] for name in ("Sales East", "Sales West", "Service")) == 2000


def test_a_split_that_cannot_be_says_why(people, filled):
    at = dialog(grid_body, people.dana, filled.id, "split")
    at.button(key="split.yes").click().run()
    assert "Nothing was reached in the year before" in at.error[0].value
    assert len(bases(people.dana, filled)) == 4


def test_the_difference_to_the_parts_is_shown_and_taken(people, filled):
    at = page(people.dana, filled, view="apart")
    assert not at.exception
    rows = at.dataframe[0].value.set_index("name")
    assert rows["apart"].to_dict() == {"Music": -1100, "Sales East": 200}
    place = rows.index.get_loc("Sales East")
    at.session_state["plan.apart.press"] = {"row": int(place), "column": "press"}
    at.run()
    assert bases(people.dana, filled)["Sales East"] == 1100


def test_the_sums_below_add_up_down_and_across(people, filled):
    """Of July only a part is known: it counts in full."""
    with open_as(people.dana.actor) as session:
        set_targets(session, filled.id, [a_cell("person", people.anna.id, 500, dt.date(2026, 7, 1))])
    at = page(people.dana, filled)
    below = next(one.value for one in at.dataframe if "Difference" in set(one.value["subject"])).set_index("subject")
    shown = below[["2026-06-01", "2026-07-01", "total"]]
    assert shown.loc["Their parts"].tolist() == [900, 500, 1400]
    assert shown.loc["Difference"].tolist() == [-1100, 500, -600]
    assert "its parts come to CN¥600.00 less" in texts(at)


# ------------------------------------------------------------------------------------- approval, versions, in and out


def act_body(plan_id, name):
    from crm.targets.queries import plan_facts
    from crm.ui.desk import figures
    from crm.ui.targets import opened

    getattr(opened, name)(figures(plan_facts, plan_id=plan_id))


def test_approving_says_what_begins_to_hold(people, filled):
    at = dialog(act_body, people.dana, filled.id, "approve_dialog")
    assert "4 targets of 4 lines hold from now on" in texts(at)
    at.button(key="plan.approve_yes").click().run()
    with open_as(people.dana.actor) as session:
        assert plan_facts(session, filled.id).state == "approved"


def test_a_draft_goes_with_what_hangs_on_it(people, filled):
    at = dialog(act_body, people.dana, filled.id, "delete_dialog")
    assert "4 targets of 4 lines in the grid go with it" in texts(at)
    at.button(key="plan.delete_yes").click().run()
    with open_as(people.dana.actor) as session:
        assert plans(session).empty


def test_versions_are_compared_cell_by_cell(people, approved):
    with open_as(people.dana.actor) as session:
        cells = [a_cell("person", people.anna.id, 800, version=1), a_cell("person", people.chen.id, 90)]
        set_targets(session, approved.id, cells, Because(reason="A new region"))
    at = page(people.dana, approved, view="versions")
    assert not at.exception
    assert "Version 2 changes 2 targets against Version 1" in texts(at)
    assert at.dataframe[0].value["reason"].tolist() == ["A new region", "Approved"]
    told = at.dataframe[1].value.set_index("name")
    assert told.loc["Anna Lindqvist", ["base_before", "base_after"]].tolist() == [700, 800]
    assert told["base_before"].isna().to_dict() == {"Anna Lindqvist": False, "Chen Wei": True}
    at.toggle(key="plan.versions.whole").set_value(True).run()
    at.selectbox(key="plan.versions.later").set_value(1).run()
    assert dict(zip(at.dataframe[1].value["name"], at.dataframe[1].value["base"], strict=True))["Anna Lindqvist"] == 700


def test_what_goes_out_comes_in_again(people, filled):
    with open_as(people.dana.actor) as session:
        found = quota_table(session, filled.id)
        again = add_plan(session, PlanDetails(name="Music once more", year=2026), people.units["Music"])
    text = found.assign(plan="Music once more").dropna(axis="columns", how="all").rename(columns={"name": "Subject"})
    at = opened("pages/admin/exchange.py", people.dana, **{"import": "targets"})
    at.file_uploader[0].upload("targets.csv", text.to_csv(index=False).encode(), "text/csv")
    at.run()
    at.button(key="import.check").click().run()
    at.button(key="import.run").click().run()
    assert not at.exception
    assert bases(people.dana, again) == bases(people.dana, filled)
    assert "import.plans" in keys(at)


def test_a_draft_has_no_versions_yet(people, filled):
    assert "No version yet" in texts(page(people.dana, filled, view="versions"))


def test_a_quota_table_is_brought_in_from_the_plan(people, plan):
    at = opened("pages/admin/exchange.py", people.dana, **{"import": "targets", "plan": "Music 2026"})
    file = "Name,Jan,Feb\nAnna Lindqvist,100,200\nSales East,300,400\n"
    at.file_uploader[0].upload("quota.csv", file.encode(), "text/csv")
    at.run()
    assert not at.exception
    assert next(one.value for one in at.segmented_control if one.key.startswith("import.target")) == "targets"
    assert next(one.value for one in at.selectbox if one.key.endswith(".plan")) == "Music 2026"
    next(one for one in at.selectbox if one.key.endswith(".measure")).set_value("revenue").run()
    at.button(key="import.check").click().run()
    at.button(key="import.run").click().run()
    assert not at.exception
    assert bases(people.dana, plan, starts_from=dt.date(2026, 2, 1)) == {"Anna Lindqvist": 200, "Sales East": 400}


@pytest.mark.parametrize("view", ["grid", "apart", "versions"])
def test_it_is_chinese_in_chinese(people, approved, view):
    at = opened(PAGE, people.dana, "zh", show="plans", plan=approved.id, view=view)
    assert not at.exception
    assert english_left(at) <= {"Music 2026", "Music"}
