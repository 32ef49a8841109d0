import datetime as dt
from decimal import Decimal

import pytest

from crm.errors import Invalid, NotFound, Refused, Stale
from crm.marketing.models import Campaign
from crm.session import get, open_as
from crm.targets.commands import (
    Criterion,
    EvaluationInput,
    FormInput,
    IncentiveInput,
    ReviewInput,
    TierInput,
    add_form,
    add_incentive,
    approve_plan,
    close_evaluation,
    edit_form,
    edit_incentive,
    make_statements,
    preview,
    remove_form,
    remove_incentive,
    reopen_evaluation,
    review,
    start_evaluation,
    start_evaluations,
)
from crm.targets.models import TargetPlan
from crm.targets.queries.judging import criteria_of, evaluation, evaluations, forms, incentives, projects, reviews_of, statements
from tests.factories import a_contract, a_customer, an_opportunity, an_order
from tests.targets.conftest import a_cell, targets_of

MAY, MAY_END = dt.date(2026, 5, 1), dt.date(2026, 5, 31)
CRITERIA = [Criterion(key="goals", name="Goals", weight=60), Criterion(key="team_work", name="Team work", weight=40)]
WORK = FormInput(name="Work", kind="work", criteria=CRITERIA)


@pytest.fixture
def work(people):
    with open_as(people.dana.actor) as session:
        return add_form(session, WORK)


@pytest.fixture
def of_anna(people, work):
    with open_as(people.ben.actor) as session:
        details = EvaluationInput(form_id=work.id, user_id=people.anna.id, starts_on=MAY, ends_on=MAY_END)
        return start_evaluation(session, details)


def marks(person, evaluation_id, goals, team_work, **more):
    with open_as(person.actor) as session:
        return review(session, evaluation_id, ReviewInput(marks={"goals": goals, "team_work": team_work} | more))


def test_several_reviewers_and_the_newest_of_each_holds(people, of_anna):
    marks(people.ben, of_anna.id, 1, 1)
    marks(people.ben, of_anna.id, 5, 3)
    marks(people.dana, of_anna.id, 3, 3)
    with open_as(people.anna.actor) as session:
        one = evaluations(session).iloc[0]
        assert (one["person"], one["reviewers"], one["score"]) == ("Anna Lindqvist", 2, (80 + 50) / 2)
        assert reviews_of(session, of_anna.id)[["by", "score", "holds"]].values.tolist() == [
            ["Dana Novak", 50, True],
            ["Ben Okafor", 80, True],
            ["Ben Okafor", 0, False],
        ]
        assert criteria_of(session, of_anna.id)[["mark", "lowest", "highest"]].values.tolist() == [[4, 3, 5], [3, 3, 3]]


def test_nobody_judges_himself_and_no_stranger_reads_it(people, work, of_anna):
    for person, error in ((people.anna, Refused), (people.amir, NotFound), (people.chen, NotFound), (people.emil, NotFound)):
        with pytest.raises(error):
            marks(person, of_anna.id, 5, 5)
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        start_evaluation(session, EvaluationInput(form_id=work.id, user_id=people.ben.id, starts_on=MAY, ends_on=MAY_END))


@pytest.mark.parametrize("given", [{"goals": 5}, {"goals": 5, "team_work": 6}, {"goals": 5, "team_work": 3, "luck": 1}])
def test_marks_that_cannot_be(people, of_anna, given):
    with pytest.raises(Invalid), open_as(people.ben.actor) as session:
        review(session, of_anna.id, ReviewInput(marks=given))


def test_an_evaluation_keeps_the_criteria_it_began_with(people, work, of_anna):
    with open_as(people.dana.actor) as session:
        changed = WORK.model_copy(update={"criteria": [Criterion(key="luck", name="Luck", weight=100)]})
        edit_form(session, work.id, changed, work.version)
    marks(people.ben, of_anna.id, 5, 5)
    with open_as(people.dana.actor) as session:
        assert [one["key"] for one in evaluation(session, of_anna.id).criteria] == ["goals", "team_work"]
        remove_form(session, work.id)
        assert forms(session).empty
        assert evaluations(session)["score"].tolist() == [100]


def test_closed_and_opened_again(people, of_anna):
    with open_as(people.ben.actor) as session:
        close_evaluation(session, of_anna.id, "Well done", of_anna.version)
    with pytest.raises(Invalid, match="closed"):
        marks(people.ben, of_anna.id, 5, 5)
    with pytest.raises(Stale), open_as(people.ben.actor) as session:
        reopen_evaluation(session, of_anna.id, of_anna.version)
    with open_as(people.ben.actor) as session:
        reopen_evaluation(session, of_anna.id, 2)
    marks(people.ben, of_anna.id, 5, 5)


def test_a_project_is_an_opportunity(people, work):
    deal = an_opportunity(people.anna, a_customer(people.anna), name="Concert hall")
    with open_as(people.dana.actor) as session:
        project = add_form(session, WORK.model_copy(update={"name": "Project", "kind": "project"}))
        with pytest.raises(Invalid, match="which opportunity"):
            start_evaluation(session, EvaluationInput(form_id=project.id, user_id=people.anna.id, starts_on=MAY, ends_on=MAY_END))
        with pytest.raises(Invalid, match="of whom"):
            start_evaluation(session, EvaluationInput(form_id=work.id, opportunity_id=deal.id, starts_on=MAY, ends_on=MAY_END))
        details = EvaluationInput(form_id=project.id, opportunity_id=deal.id, starts_on=MAY, ends_on=MAY_END)
        one = start_evaluation(session, details)
        assert evaluations(session, kind="project")[["id", "project", "person"]].values.tolist() == [
            [one.id, "Concert hall", "Anna Lindqvist"]
        ]


def test_a_contract_and_a_campaign_are_projects_too(people, work):
    contract = a_contract(people.anna, a_customer(people.anna), name="Tuning")
    with open_as(people.dana.actor) as session:
        project = add_form(session, WORK.model_copy(update={"name": "Project", "kind": "project"}))
        spring = Campaign(name="Spring", starts_on=MAY, board_id=people.units["Music"], owner_id=people.anna.id)
        spring.team_id = people.anna.unit_id
        session.add(spring)
        session.flush()
        for name, one in (("contract_id", contract.id), ("campaign_id", spring.id)):
            details = EvaluationInput(form_id=project.id, starts_on=MAY, ends_on=MAY_END)
            start_evaluations(session, details, name, [one])
        told = evaluations(session, kind="project")
        assert told[["project_kind", "project"]].values.tolist() == [["campaign", "Spring"], ["contract", "Tuning"]]
        assert evaluations(session, contract_id=contract.id)["project"].tolist() == ["Tuning"]
        assert projects(session, "contract", "tun")["name"].tolist() == ["Tuning"]


def test_who_is_asked_and_who_has_still_to_score(people, of_anna, work):
    with open_as(people.dana.actor) as session:
        assert evaluations(session)["waiting"].tolist() == [[people.ben.id]], "her manager"
    marks(people.ben, of_anna.id, 3, 3)
    with open_as(people.dana.actor) as session:
        assert evaluations(session)["waiting"].tolist() == [[]]
        details = EvaluationInput(form_id=work.id, starts_on=MAY, ends_on=MAY_END, reviewer_ids=[people.ben.id])
        made = start_evaluations(session, details, "user_id", [people.anna.id])
        assert made[0].reviewer_ids == [people.ben.id]
    for subject, asked in ((people.chen, people.ben), (people.anna, people.anna)):
        with pytest.raises(Invalid, match="may not judge"), open_as(people.dana.actor) as session:
            about = details.model_copy(update={"reviewer_ids": [asked.id]})
            start_evaluations(session, about, "user_id", [people.anna.id, subject.id])


def test_what_a_rule_would_pay():
    told = preview(COMMISSION, Decimal(1000), [0.5, 1.0, 1.5])
    assert told["amount"].is_monotonic_increasing and told["actual"].tolist() == [500, 1000, 1500]


def test_forms_that_cannot_be(people):
    for criteria, template in (
        (CRITERIA[:1], "60 %"),
        ([*CRITERIA[:1], Criterion(key="goals", name="G", weight=40)], "same key"),
    ):
        with pytest.raises(Invalid, match=template), open_as(people.dana.actor) as session:
            add_form(session, WORK.model_copy(update={"criteria": criteria}))
    for person in (people.ben, people.anna, people.amir):
        with pytest.raises(Refused), open_as(person.actor) as session:
            add_form(session, WORK)


# ---------------------------------------------------------------------------------------------------- incentive

COMMISSION = IncentiveInput(
    name="Commission",
    measure="revenue",
    period="month",
    kind="commission",
    tiers=[TierInput(from_share="0", rate="0.02"), TierInput(from_share="1", rate="0.05")],
    threshold=0.5,
    cap=Decimal(100),
    starts_on=dt.date(2026, 1, 1),
)


@pytest.fixture
def rule(people):
    with open_as(people.dana.actor) as session:
        return add_incentive(session, COMMISSION, people.units["Music"])


@pytest.fixture
def may(people, plan):
    """anna 120 %, ben 40 %, chen far beyond the cap"""
    for person, amount in ((people.anna, 1200), (people.ben, 400), (people.chen, 9000)):
        an_order(a_customer(person), amount, on=MAY_END)
        targets_of(people.dana, plan, a_cell("person", person.id, 1000, MAY))
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, get(session, TargetPlan, plan.id).version)


def test_what_each_earned_with_its_reckoning(people, rule, may):
    with open_as(people.dana.actor) as session:
        assert make_statements(session, rule.id, MAY) == 3
        assert make_statements(session, rule.id, MAY) == 0
        told = statements(session).set_index("person")
    assert told["amount"].to_dict() == {"Anna Lindqvist": 30, "Ben Okafor": 0, "Chen Wei": 100}
    steps = {name: [line["step"] for line in lines] for name, lines in told["lines"].items()}
    assert steps == {"Anna Lindqvist": ["tier", "tier"], "Ben Okafor": ["below_threshold"], "Chen Wei": ["tier", "tier", "cap"]}
    assert told.loc["Anna Lindqvist", "share"] == 1.2


def test_a_late_order_makes_a_new_statement_and_the_old_one_stays(people, rule, may):
    with open_as(people.dana.actor) as session:
        make_statements(session, rule.id, MAY)
    an_order(a_customer(people.anna), 100, on=MAY)
    with open_as(people.dana.actor) as session:
        assert make_statements(session, rule.id, MAY) == 1
        assert statements(session, owner_id=people.anna.id)["amount"].tolist() == [35]
        assert statements(session, owner_id=people.anna.id, all_of=True)["amount"].tolist() == [35, 30]


def test_who_reads_what_somebody_earned(people, rule, may):
    with open_as(people.dana.actor) as session:
        make_statements(session, rule.id, MAY)
    seen = {}
    for person in (people.anna, people.ben, people.chen, people.amir, people.emil, people.gia):
        with open_as(person.actor) as session:
            seen[person.username] = set(statements(session)["person"])
            assert len(incentives(session)) == 1
    assert seen == {
        "anna": {"Anna Lindqvist"},
        "ben": {"Anna Lindqvist", "Ben Okafor"},
        "chen": {"Chen Wei"},
        "amir": set(),
        "emil": set(),
        "gia": set(),
    }
    for person in (people.ben, people.anna, people.amir):
        with pytest.raises(Refused), open_as(person.actor) as session:
            make_statements(session, rule.id, MAY)


def test_periods_that_cannot_be_reckoned(people, rule, plan):
    with pytest.raises(Invalid, match="Nobody has"), open_as(people.dana.actor) as session:
        make_statements(session, rule.id, MAY)
    targets_of(people.dana, plan, a_cell("person", people.anna.id))
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, get(session, TargetPlan, plan.id).version)
    with pytest.raises(Invalid, match="not over"), open_as(people.dana.actor) as session:
        make_statements(session, rule.id, dt.date(2026, 6, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"measure": "activities"},
        {"kind": "bonus"},
        {"bonus": Decimal(5)},
        {"ends_on": dt.date(2025, 1, 1)},
        {"tiers": [TierInput(from_share="1", rate="1")]},
    ],
)
def test_rules_that_cannot_be(people, changes):
    with pytest.raises(Invalid), open_as(people.dana.actor) as session:
        add_incentive(session, COMMISSION.model_copy(update=changes), people.units["Music"])


def test_rules_are_changed_by_those_who_approve_in_the_board(people, rule):
    with open_as(people.dana.actor) as session:
        changed = edit_incentive(session, rule.id, COMMISSION.model_copy(update={"cap": None}), rule.version)
        assert changed.cap is None
        with pytest.raises(Invalid, match="choose one"):
            add_incentive(session, COMMISSION, people.units["Sales East"])
    for person in (people.ben, people.emil):
        with pytest.raises(Refused), open_as(person.actor) as session:
            remove_incentive(session, rule.id)
    with open_as(people.dana.actor) as session:
        remove_incentive(session, rule.id)
        assert incentives(session).empty
