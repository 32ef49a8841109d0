import datetime as dt

import pandas as pd
import pytest

from crm.access import SYSTEM
from crm.analytics.clv.fitters import BetaGeoFitter, ParetoNBDFitter
from crm.customers.commands import delete_customers
from crm.customers.filters import CustomerFilter
from crm.customers.models import CustomerGroup, GroupMember
from crm.insight.queries import Population, history, last_purchase_day, left_out, left_out_rows, purchases
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_share, an_order
from tests.insight.buying import CALIBRATED, LAST_DAY, bring_in, cdnow, online_retail

pytestmark = pytest.mark.parametrize(
    "database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module"
)


def ago(days):
    return TODAY - dt.timedelta(days)


def of(person, **narrowed):
    return Population(board_id=person.board_id, **narrowed)


def bought(person, **narrowed):
    """customer_id, days ago, amount of each purchase day that the person sees."""
    with open_as(person.actor) as session:
        found = purchases(session, of(person, **narrowed))
    days = (pd.Timestamp(TODAY) - found["date"]).dt.days
    return list(zip(found["customer_id"], days, found["amount"], strict=True))


@pytest.fixture
def buyers(people):
    """anna's first, who sent something back and got a sample; chen's second."""
    first, second = a_customer(people.anna, region="Shanghai"), a_customer(people.chen)
    an_order(first, 10, "20.50", on=ago(70))
    an_order(first, 5, on=ago(70))
    an_order(first, 100, on=ago(14))
    an_order(first, -30, on=ago(7))
    an_order(first, 0, on=ago(3))
    an_order(second, 40, on=ago(21))
    return first, second


def test_it_works(people, buyers):
    first, second = buyers
    assert bought(people.dana) == [(first.id, 70, 35.5), (first.id, 14, 100.0), (second.id, 21, 40.0)]
    with open_as(people.dana.actor) as session:
        found = purchases(session, of(people.dana))
        assert last_purchase_day(session, people.dana.board_id) == ago(14)
    assert found.dtypes.astype(str).to_list() == ["int64", "datetime64[s]", "float64"]


def test_a_rep_has_his_own_customers_and_those_shared_with_him(people, buyers):
    first, second = buyers
    assert {customer for customer, _, _ in bought(people.anna)} == {first.id}
    assert {customer for customer, _, _ in bought(people.chen)} == {second.id}
    assert bought(people.emil) == []
    assert bought(people.ada) == []
    a_share(second, user_id=people.anna.id)
    assert {customer for customer, _, _ in bought(people.anna)} == {first.id, second.id}
    with open_as(people.anna.actor) as session:
        assert len(history(session, of(people.anna))) == 2
    with open_as(people.emil.actor) as session:
        assert left_out(session, of(people.anna))["orders"].sum() == 0
        assert left_out_rows(session, of(people.anna)).empty
        assert last_purchase_day(session, people.anna.board_id) is None


def test_the_customers_of_another_board_are_no_part_of_it(people, buyers):
    elsewhere = a_customer(people.emil)
    an_order(elsewhere, 10)
    assert elsewhere.id not in {customer for customer, _, _ in bought(people.eve)}
    with open_as(people.eve.actor) as session:
        assert purchases(session, Population(board_id=people.emil.board_id))["customer_id"].tolist() == [elsewhere.id]


def test_what_is_left_out_is_told_with_its_rows(people, buyers):
    with open_as(people.dana.actor) as session:
        found, rows = left_out(session, of(people.dana)), left_out_rows(session, of(people.dana))
    assert found.to_dict("records") == [
        {"reason": "returned", "orders": 1, "customers": 1, "amount": -30.0},
        {"reason": "zero_amount", "orders": 1, "customers": 1, "amount": 0.0},
    ]
    assert list(zip(rows["customer"], rows["ordered_on"], rows["reason"], strict=True)) == [
        (buyers[0].name, ago(3), "zero_amount"),
        (buyers[0].name, ago(7), "returned"),
    ]


def test_free_orders_count_where_somebody_says_so(people, buyers):
    first, _ = buyers
    assert (first.id, 3, 0.0) in bought(people.dana, count_free=True)
    with open_as(people.dana.actor) as session:
        assert left_out(session, of(people.dana, count_free=True))["orders"].tolist() == [1, 0]


def test_days_filter_and_group_narrow_it(people, buyers):
    first, second = buyers
    with open_as(SYSTEM) as session:
        common = {"board_id": people.dana.board_id, "owner_id": people.dana.id, "team_id": people.dana.unit_id}
        fixed, rule = CustomerGroup(name="Fixed", **common), CustomerGroup(name="Rule", rule={"region": ["Shanghai"]}, **common)
        session.add_all([fixed, rule])
        session.flush()
        session.add(GroupMember(group_id=fixed.id, customer_id=second.id))
        fixed_id, rule_id = fixed.id, rule.id
    assert bought(people.dana, since=ago(30), until=ago(20)) == [(second.id, 21, 40.0)]
    assert {row[0] for row in bought(people.dana, where=CustomerFilter(region=("Shanghai",)))} == {first.id}
    assert {row[0] for row in bought(people.dana, group_id=fixed_id)} == {second.id}
    assert {row[0] for row in bought(people.dana, group_id=rule_id)} == {first.id}
    assert bought(people.dana, group_id=fixed_id, where=CustomerFilter(region=("Shanghai",))) == []


def test_deleted_customers_are_no_part_of_it(people, buyers):
    first, second = buyers
    with open_as(people.dana.actor) as session:
        delete_customers(session, [first.id])
    assert {customer for customer, _, _ in bought(people.dana)} == {second.id}
    with open_as(people.dana.actor) as session:
        assert left_out(session, of(people.dana))["orders"].sum() == 0
        assert left_out_rows(session, of(people.dana)).empty


def test_history_is_in_weeks_and_to_the_day(people, buyers):
    first, second = buyers
    with open_as(people.dana.actor) as session:
        found = history(session, of(people.dana, until=TODAY))
        tested = history(session, of(people.dana, until=TODAY), ago(35))
        early = history(session, of(people.dana, until=ago(60)))
        until_last = history(session, of(people.dana))
    assert found.loc[first.id].to_list() == [1.0, 8.0, 10.0, 100.0]
    assert found.loc[second.id].to_list() == [0.0, 0.0, 3.0, 0.0]
    assert tested.index.to_list() == [first.id]
    assert tested.loc[first.id].to_list() == [0.0, 0.0, 5.0, 0.0, 1.0, 100.0, 5.0]
    assert early["T"].to_dict() == {first.id: pytest.approx(10 / 7)}
    assert until_last.loc[first.id, "T"] == 8.0


def test_nobody_has_no_history(people):
    with open_as(people.dana.actor) as session:
        assert purchases(session, of(people.dana)).empty
        assert history(session, of(people.dana)).columns.to_list() == ["frequency", "recency", "T", "monetary_value"]
        assert len(history(session, of(people.dana), TODAY).columns) == 7
        assert left_out(session, of(people.dana))["orders"].tolist() == [0, 0]


def test_cdnow_gives_the_published_parameters(people):
    """Fader, Hardie, Lee 2005, Marketing Science 24(2), table 2; the last digits from exact days."""
    bring_in(cdnow(), people.anna, people.chen)
    with open_as(people.dana.actor) as session:
        base = history(session, of(people.dana, until=CALIBRATED, count_free=True))
        whole = history(session, of(people.dana, until=LAST_DAY, count_free=True), CALIBRATED)
        sold = history(session, of(people.dana, until=CALIBRATED))
    assert (len(base), (base["frequency"] == 0).sum(), base["frequency"].sum()) == (2357, 1411, 2457)
    assert whole["frequency_holdout"].sum() == 1882
    columns = [base[name] for name in ("frequency", "recency", "T")]
    bg, pareto = BetaGeoFitter().fit(*columns), ParetoNBDFitter().fit(*columns)
    assert bg.params_.to_dict() == pytest.approx({"r": 0.2425945, "alpha": 4.4136021, "a": 0.7929220, "b": 2.4259067}, rel=2e-7)
    assert bg.log_likelihood_ == pytest.approx(-9582.429207, abs=1e-6)
    truth = {"r": 0.5532770, "alpha": 10.5776822, "s": 0.6062402, "beta": 11.6687424}
    assert pareto.params_.to_dict() == pytest.approx(truth, rel=1e-6)
    assert len(sold) == 2349  # eight got their first order free


@pytest.mark.real_data
def test_online_retail_has_its_buying_customers(people):
    bring_in(online_retail(), people.anna)
    with open_as(people.dana.actor) as session:
        base = history(session, of(people.dana))
        found = left_out(session, of(people.dana)).set_index("reason")
    assert len(base) == 4338
    assert found.loc["returned", "orders"] > 3000
