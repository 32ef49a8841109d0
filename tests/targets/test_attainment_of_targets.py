import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.models import Receipt
from crm.contracts.queries import contract_list, receipt_list
from crm.customers.queries import customer_list, order_totals
from crm.pipeline.queries import opportunity_list
from crm.session import open_as
from crm.support.models import FeedbackInvitation, SurveyAnswer
from crm.support.queries import case_list
from crm.targets.queries import TargetFilter, attainment, forecasts, leads_to, reached, rows_of
from tests.factories import TODAY, a_case, a_contract, a_customer, a_product, an_activity, an_opportunity, an_order
from tests.targets.conftest import a_cell, targets_of


def at(day):
    return dt.datetime.combine(day, dt.time(10), dt.UTC)


def a_receipt(customer, amount, on):
    with open_as(SYSTEM) as session:
        about = {"board_id": customer.board_id, "by_id": customer.owner_id}
        session.add(Receipt(customer_id=customer.id, received_on=on, amount=Decimal(amount), **about))


def an_answer(case, customer, csat, on):
    with open_as(SYSTEM) as session:
        about = {"sent_at": at(on), "expires_at": at(on), "by_id": case.owner_id, "team_id": case.team_id}
        asked = FeedbackInvitation(customer_id=customer.id, case_id=case.id, token_hash=f"{case.id} {csat} {on}", **about)
        session.add(asked)
        session.flush()
        session.add(SurveyAnswer(invitation_id=asked.id, at=at(on), csat=csat))


@pytest.fixture
def june(people):
    """Things that happened in June to anna, ben and chen, and before."""
    may, early, late = dt.date(2026, 5, 20), dt.date(2026, 6, 3), dt.date(2026, 6, 20)
    for person, factor in ((people.anna, 1), (people.ben, 2), (people.chen, 4)):
        customer = a_customer(person)
        an_order(customer, 1000 * factor, on=may)
        an_order(customer, 100 * factor, on=early)
        an_order(customer, -10 * factor, on=late)
        a_receipt(customer, 50 * factor, late)
        a_contract(person, customer, signed_on=early)
        an_activity(customer, person, happened_on=late)
        an_opportunity(person, customer, amount=Decimal(70 * factor), state="won", closed_on=late)
        an_opportunity(person, customer, amount=Decimal(7000), expected_close_on=TODAY)
        case = a_case(person, customer, state="solved", solved_at=at(late))
        an_answer(case, customer, 3 + factor // 2, late)
        an_order(a_customer(person), 1, on=late)


MEASURES = {
    "revenue": (91, 181, 633),
    "won_deals": (70, 140, 490),
    "receipts": (50, 100, 350),
    "contracts": (1, 1, 3),
    "new_customers": (1, 1, 3),
    "activities": (1, 1, 3),
    "solved_cases": (1, 1, 3),
    "satisfaction": (3, 4, 4),
}
"""anna, ben, the board"""


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_by_person_team_and_board(people, plan, june, measure):
    subjects = [
        ("person", people.anna.id),
        ("person", people.ben.id),
        ("board", people.units["Music"]),
        ("team", people.units["Sales East"]),
        ("team", people.units["Service"]),
    ]
    base = 4 if measure == "satisfaction" else 100
    targets_of(people.dana, plan, *(a_cell(kind, one, base, measure=measure) for kind, one in subjects))
    with open_as(people.dana.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id)).set_index(["subject_kind", "subject_id"])
        anna, ben, board = MEASURES[measure]
        mean = measure == "satisfaction"
        found = [told.loc[one, "actual"] for one in subjects[:4]]
        assert found == [anna, ben, board, (anna + ben) / 2 if mean else anna + ben]
        nothing = told.loc[subjects[4], "actual"]
        assert nothing != nothing if mean else nothing == 0
        for kind, one in subjects:
            rows = rows_of(session, measure, kind, one, plan.board_id, dt.date(2026, 6, 1), TODAY)
            total = rows["value"].mean() if mean else rows["value"].sum()
            assert len(rows) == told.loc[(kind, one), "rows"]
            assert total == told.loc[(kind, one), "actual"] or len(rows) == 0
            assert reached(session, measure, kind, one, plan.board_id, dt.date(2026, 6, 1), TODAY) in (total, None, 0.0)


def test_the_lists_that_figures_lead_to_show_their_rows(people, plan, june):
    lists = {
        "won_deals": lambda session, where: opportunity_list(session, where)["amount"].sum(),
        "contracts": lambda session, where: len(contract_list(session, TODAY, where)),
        "new_customers": lambda session, where: len(customer_list(session, where)),
        "solved_cases": lambda session, where: len(case_list(session, where)),
        "revenue": lambda session, where: order_totals(session, where)["amounts"]["CNY"],
        "receipts": lambda session, where: receipt_list(session, where)["amount"].sum(),
    }
    first = dt.date(2026, 6, 1)
    found, expected = {}, {}
    with open_as(people.dana.actor) as session:
        for measure, shown in lists.items():
            for kind, one in (("person", people.anna.id), ("team", people.units["Sales East"]), ("board", plan.board_id)):
                where = leads_to(session, measure, kind, one, plan.board_id, first, TODAY)
                if where is not None:
                    found[measure, kind] = shown(session, where)
                    expected[measure, kind] = reached(session, measure, kind, one, plan.board_id, first, TODAY)
    assert found == expected and len(found) == 14


def test_a_rep_sees_his_own_rows_and_of_his_units_the_totals(people, plan, june):
    cells = [("person", people.anna.id), ("team", people.units["Sales East"]), ("board", people.units["Music"])]
    targets_of(people.dana, plan, *(a_cell(kind, one) for kind, one in cells))
    with open_as(people.anna.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id)).set_index("subject_kind")
    assert told["actual"].to_dict() == {"person": 91, "team": 272, "board": 633}
    assert told["whole"].to_dict() == {"person": True, "team": False, "board": False}


def test_who_sells_benefits(people, plan):
    """An order counts for who sold it, also after the customer went to somebody else."""
    customer = a_customer(people.anna)
    an_order(customer, 500, seller_id=people.chen.id)
    an_order(customer, 30)
    targets_of(people.dana, plan, *(a_cell("person", one.id) for one in (people.anna, people.chen)))
    targets_of(people.dana, plan, *(a_cell("team", people.units[one]) for one in ("Sales East", "Sales West")))
    with open_as(people.dana.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id)).set_index("subject")["actual"].to_dict()
    assert told == {"Anna Lindqvist": 30, "Chen Wei": 500, "Sales East": 30, "Sales West": 500}


def test_goods_are_those_of_the_board(people, plan):
    from crm.catalogue.models import ProductCategory

    with open_as(SYSTEM) as session:
        strings = ProductCategory(code="S", name="Strings")
        session.add(strings)
    violin, horn = a_product(name="Violin", category_id=strings.id), a_product(name="Horn")
    for person, product, amount in ((people.anna, violin, 300), (people.anna, horn, 20), (people.emil, violin, 5000)):
        order = an_order(a_customer(person), amount)
        with open_as(SYSTEM) as session:
            session.get(type(order), order.id).lines[0].product_id = product.id
        won = {"amount": Decimal(amount), "state": "won", "closed_on": TODAY, "product_id": product.id}
        an_opportunity(person, a_customer(person), **won)
    for measure in ("revenue", "won_deals"):
        cells = [("product", violin.id), ("product", horn.id), ("category", strings.id)]
        targets_of(people.dana, plan, *(a_cell(kind, one, measure=measure) for kind, one in cells))
    with open_as(people.dana.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id))
        found = forecasts(session, told)
        rows = rows_of(session, "revenue", "category", strings.id, plan.board_id, dt.date(2026, 6, 1), TODAY)
    assert told.groupby(["measure", "subject"])["actual"].sum().to_dict() == {
        (measure, name): amount
        for measure in ("revenue", "won_deals")
        for name, amount in (("Violin", 300), ("Horn", 20), ("Strings", 300))
    }
    assert rows["value"].tolist() == [300]
    assert len(found) == 6


def test_quarters_and_years_are_their_months(people, plan, june):
    anna = people.anna.id
    first = dt.date(2026, 1, 1)
    cells = [a_cell("person", anna, 10, dt.date(2026, month, 1)) for month in range(1, 13)]
    cells += [a_cell("person", anna, 10, dt.date(2026, month, 1), period="quarter") for month in (1, 4, 7, 10)]
    targets_of(people.dana, plan, *cells, a_cell("person", anna, 2000, first, period="year"))
    with open_as(people.dana.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id))
    sums = told.groupby("period")["actual"].sum()
    assert sums.to_dict() == {"month": 1091, "quarter": 1091, "year": 1091}
    year = told[told["period"] == "year"].iloc[0]
    assert (year["state"], year["days"], year["elapsed"]) == ("running", 261, 129)
    assert year["pace"] == pytest.approx(2000 * 129 / 261)
    assert year["ahead"] == pytest.approx(1091 - year["pace"])
    assert (year["gap"], year["share"]) == (909, 1091 / 2000)
    future = told[told["state"] == "future"]
    assert len(future) == 8 and future["actual"].isna().all()


def test_the_forecast_knows_the_open_deals(people, plan):
    """With one sure deal of 7000 due tomorrow and nothing else, the quarter ends with it or without."""
    customer = a_customer(people.anna)
    for back in range(1, 120):
        day = TODAY - dt.timedelta(back)
        an_opportunity(people.anna, customer, amount=Decimal(10), state="won", closed_on=day, created_on=day - dt.timedelta(300))
    an_opportunity(people.anna, customer, amount=Decimal(7000), expected_close_on=TODAY + dt.timedelta(9), win_probability=0.75)
    cell = a_cell("person", people.anna.id, 5000, dt.date(2026, 1, 1), measure="won_deals", period="year", stretch=Decimal(9000))
    targets_of(people.dana, plan, cell)
    with open_as(people.dana.actor) as session:
        told = forecasts(session, attainment(session, TargetFilter(plan_id=plan.id))).iloc[0]
    assert told["actual"] == 1190
    assert told["chance_base"] == pytest.approx(0.75, abs=0.04)
    assert told["chance_stretch"] == 0
    assert told["chance_challenge"] != told["chance_challenge"]
    assert (told["p10"], told["p90"]) == (1190, 8190)
    assert told["open_deals"] == 1


def test_the_forecast_of_steady_days(people, plan):
    customer = a_customer(people.anna)
    for back in range(150):
        if (day := TODAY - dt.timedelta(back)).weekday() < 5:
            an_activity(customer, people.anna, happened_on=day)
    base = {"measure": "activities", "period": "year"}
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 230, dt.date(2026, 1, 1), **base))
    with open_as(people.anna.actor) as session:
        told = forecasts(session, attainment(session, TargetFilter(plan_id=plan.id))).iloc[0]
    done = told["actual"]
    assert told["p10"] == told["p90"] == done + 132
    assert told["chance_base"] == float(done + 132 >= 230)


def test_too_few_days_tell_nothing(people, plan):
    an_order(a_customer(people.anna), 100, on=TODAY)
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 500, dt.date(2026, 1, 1), period="year"))
    with open_as(people.dana.actor) as session:
        told = forecasts(session, attainment(session, TargetFilter(plan_id=plan.id))).iloc[0]
    assert told["p50"] != told["p50"]


def test_what_is_over_ends_as_it_is(people, plan, june):
    cells = [a_cell("person", people.anna.id, base, dt.date(2026, month, 1)) for base, month in ((900, 5), (10, 4))]
    targets_of(people.dana, plan, *cells)
    with open_as(people.dana.actor) as session:
        told = forecasts(session, attainment(session, TargetFilter(plan_id=plan.id)))
    assert told[["p50", "chance_base"]].values.tolist() == [[0, 0], [1000, 1]]


def test_nothing_at_all(people, plan):
    with open_as(people.dana.actor) as session:
        assert forecasts(session, attainment(session, TargetFilter(plan_id=plan.id))).empty
