import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.catalogue.commands import CategoryInput, add_category
from crm.customers.models import Order, OrderKind, OrderLine
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_product
from tests.pages.opened import opened, texts
from tests.pages.reading import english_left

PAGE = "pages/insight/lifetime_value.py"
HIGH_END = "1000 869 743 653 593 551 517 491"
PARTS = ("survival", "retention", "worth")
YEARS = {2021: 30, 2022: 30, 2023: 40}
"""Contracts that begin on 1 February of a year."""


@pytest.fixture
def service(people):
    """anna's customers of Tuning: of ten of a year, four leave at the first renewal, then one at each"""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        category = add_category(session, CategoryInput(name="Care"))
    tuning = a_product(name="Tuning", price=Decimal(80), renewal_months=12, category_id=category.id)
    a_product(name="Piano", price=Decimal(900), category_id=category.id)
    for year, count in YEARS.items():
        for number in range(count):
            stays = max(0, number % 10 - 3)
            customer = a_customer(people.anna, name=f"Holder {year}-{number}")
            hold(customer, tuning, [dt.date(year + term, 2, 1) for term in range(stays + 1) if year + term <= 2026])
    return tuning


def hold(customer, service, days):
    with open_as(SYSTEM) as session:
        for place, day in enumerate(days):
            kind = OrderKind.RENEWAL if place else OrderKind.SALE
            order = Order(
                customer_id=customer.id, board_id=customer.board_id, number=f"{customer.code}-{place}", kind=kind,
                ordered_on=day, amount=Decimal(80),
            )  # fmt: skip
            order.lines = [OrderLine(product_id=service.id, quantity=Decimal(1), unit_price=Decimal(80), amount=Decimal(80))]
            session.add(order)


def lab(person, language="en", **query):
    return opened(PAGE, person, language, lab="contracts", **query)


def frame_with(at, column):
    return next(one.value for one in at.dataframe if column in one.value)


def paste(at, text):
    at.text_area(key="survivors.pasted").set_value(text).run()
    assert not at.exception
    return at


def test_the_published_example_shows_its_parameters(people):
    """Fader, Hardie 2007: two decimals more than printed there; the third parameter pays for itself."""
    at = paste(lab(people.dana, of="given"), HIGH_END)
    models = frame_with(at, "α").set_index("model")
    assert models.loc["sBG", "α"] == pytest.approx(0.668088, abs=1e-6)
    assert models.loc["sBG", "β"] == pytest.approx(3.806089, abs=1e-5)
    assert models.loc["sBG", "log_likelihood_"] == pytest.approx(-1611.158147, abs=1e-6)
    assert "49.1" in texts(at) and "are left after 7 renewals" in texts(at)
    assert "BdW: its third parameter (c = 1.72) pays for itself, AIC is 9.7 lower" in texts(at)
    assert at.query_params["left"] == HIGH_END.replace(" ", ".")


def test_the_value_of_a_contract_follows_price_and_discount(people):
    left = HIGH_END.replace(" ", ".")
    at = lab(people.dana, of="given", left=left, part="worth", price="10", discount="10", most="3")
    rows = frame_with(at, "derl")
    assert rows["renewals"].tolist() == [0, 1, 2, 3]
    assert rows["value"].tolist() == pytest.approx((rows["derl"] * 10).tolist(), abs=0.01)
    assert rows["derl"].is_monotonic_increasing
    before = rows["derl"].iloc[0]
    at.number_input(key="kept.discount").set_value(25.0).run()
    assert frame_with(at, "derl")["derl"].iloc[0] < before


@pytest.mark.parametrize("part", PARTS)
def test_every_view_has_its_answer_and_its_chart_in_both_languages(people, service, part):
    for language in ("en", "zh"):
        for source in ("ours", "given"):
            at = lab(people.dana, language, part=part, of=source)
            assert not at.exception
            assert len(at.get("plotly_chart")) == 1
            if language == "zh":
                assert english_left(at) == set()


def test_the_services_customers_hold_are_the_contracts(people, service):
    at = lab(people.dana)
    cohorts = frame_with(at, "contracts").set_index("cohort")
    assert cohorts["contracts"].tolist() == [30, 30, 40]
    assert cohorts.index.tolist() == ["2021", "2022", "2023"]
    assert "are left after" in texts(at)
    assert frame_with(at, "α")["model"].tolist() == ["sBG", "BdW"]
    assert at.selectbox(key="contracts.service").options == ["Tuning"]


def test_a_cohort_leads_to_its_customers(people, service):
    at = lab(people.dana)
    at.session_state["contracts.cohorts"] = {"selection": {"rows": [], "columns": [], "cells": [(1, "cohort")]}}
    at.run()
    assert not at.exception
    assert "Customers whose contract began in 2022" in texts(at)
    names = next(one.value["name"] for one in at.dataframe if "name" in one.value)
    assert len(names) == 30 and names.str.startswith("Holder 2022").all()


def test_shorter_cohorts(people, service):
    at = lab(people.dana, by="Q")
    assert frame_with(at, "contracts")["cohort"].tolist() == ["2021Q1", "2022Q1", "2023Q1"]


def test_too_few_are_facts_without_a_model(people):
    at = paste(lab(people.dana, of="given"), "12 10 9 8")
    assert "Not enough lost contracts: 4, needed: 20." in at.warning[0].value
    assert len(at.get("plotly_chart")) == 1
    at.radio(key="contracts.part").set_value("worth").run()
    assert "cannot be said yet" in texts(at)
    assert not at.get("plotly_chart")


def test_one_renewal_is_too_early(people):
    at = paste(lab(people.dana, of="given"), "cohort,0,1\n2024,400,300")
    assert "Not enough renewals: 1, needed: 2." in at.warning[0].value


def test_two_renewals_carry_two_parameters(people):
    at = paste(lab(people.dana, of="given"), "cohort,0,1,2\n2023,400,300,250")
    assert "only two renewals are decided" in texts(at)
    assert frame_with(at, "α")["model"].tolist() == ["sBG"]


def test_a_cohort_that_grows_is_named_and_nothing_is_lost(people):
    at = lab(people.dana, of="given")
    paste(at, "cohort,0,1,2\n2023,400,410,250")
    assert "Row 2023, column 1: 410 after 400: customers left cannot grow." in at.error[0].value
    assert "410" in at.text_area(key="survivors.pasted").value
    assert frame_with(at, "contracts")["contracts"].tolist() == [400, 450, 380, 520], "the figures before it"


def test_cohorts_of_one_name_stay_apart(people):
    at = paste(lab(people.dana, of="given"), "cohort,0,1,2\nA,400,300,250\nA,100,90,70")
    assert frame_with(at, "contracts")["cohort"].tolist() == ["A (1)", "A (2)"]


def test_without_services_it_says_what_to_do(people):
    at = lab(people.dana)
    assert "No service that runs out has been sold here." in texts(at)
    assert not at.get("plotly_chart")


def test_a_stranger_sees_none_of_it_and_a_reader_all(people, service):
    assert "No service that runs out has been sold here." in texts(lab(people.chen))
    assert "contracts.part" not in {one.key for one in lab(people.gia).radio}
    assert frame_with(lab(people.amir), "contracts")["contracts"].sum() == 100
