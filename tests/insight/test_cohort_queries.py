"""Counted in the database, the cohorts and the concentration are those of the pure functions on the same orders."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from dateutil.relativedelta import relativedelta

from crm.access import SYSTEM
from crm.analytics import audit, cohorts
from crm.customers.commands import delete_customers
from crm.customers.filters import CustomerFilter
from crm.customers.models import CustomerGroup, GroupMember
from crm.insight.queries import Population
from crm.insight.queries import cohorts as counted
from crm.insight.queries import concentration as concentrated
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import a_share
from tests.insight.buying import bring_in, cdnow, online_retail

pytestmark = pytest.mark.parametrize(
    "database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module"
)

THROUGH = dt.date(2025, 11, 17)
"""In the middle of a month, of a quarter and of a year."""


def written(customers=60, seed=3):
    """Two years of some who come often and many who come once; several orders on a day, samples, and goods sent back."""
    random = np.random.default_rng(seed)
    count = 1 + random.poisson(random.gamma(0.6, 5, customers))
    customer = np.repeat(np.arange(customers), count)
    first = np.repeat(random.integers(0, 600, customers), count)
    days = np.minimum(first + (random.random(len(customer)) * 200).astype(int), 685)
    amounts = random.choice([12.5, 40.0, 40.0, 99.99, 500.0, 0.0, -20.0], len(customer))
    dates = pd.Timestamp(2024, 1, 2) + pd.to_timedelta(days, unit="D")
    return pd.DataFrame({"customer": customer, "date": dates, "amount": amounts})


@pytest.fixture
def orders(people):
    """What anna's and chen's customers bought, as crm.analytics wants it: customer_id, date, amount above zero."""
    found = written()
    ids = bring_in(found, people.anna, people.chen)
    found = found.assign(customer_id=found["customer"].map(ids))
    return found.loc[found["amount"] > 0, ["customer_id", "date", "amount"]].reset_index(drop=True)


def asked(query, person, **arguments):
    with open_as(person.actor) as session:
        return query(session, Population(board_id=person.board_id), **arguments)


def until(orders, day):
    return orders[orders["date"] <= pd.Timestamp(day)]


def same(found, expected):
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), expected.reset_index(drop=True), check_dtype=False, check_names=False
    )


# ------------------------------------------------------------------------------------------------ cohorts


@pytest.mark.parametrize("period", ["M", "Q", "Y"])
def test_the_table_is_that_of_the_pure_function(people, orders, period):
    expected = cohorts.cohort_table(until(orders, THROUGH), period, THROUGH)
    found = asked(counted.cohort_cells, people.dana, period=period, through=THROUGH)
    expected = expected.assign(cohort=expected["cohort"].dt.start_time, period=expected["period"].dt.start_time)
    same(found[list(expected.columns)], expected)
    assert not found["complete"].all() and found["complete"].any()


@pytest.mark.parametrize("value", ["revenue", "orders", "active"])
def test_calendar_months_by_cohort_are_the_c3_chart(people, orders, value):
    expected = audit.lens5_c3(orders, "M", THROUGH, value)
    found = asked(counted.by_calendar_month, people.dana, period="M", through=THROUGH)
    grid = found.pivot(index="month", columns="cohort", values=value).fillna(0)
    bought = expected.loc[expected.sum(axis=1) > 0]
    np.testing.assert_allclose(grid.to_numpy(), bought.to_numpy())
    assert found.loc[~found["complete"], "month"].unique().tolist() == [pd.Timestamp(2025, 11, 1)]


def test_cohorts_by_quarter_hold_what_those_by_month_hold(people, orders):
    months = asked(counted.by_calendar_month, people.dana, period="M", through=THROUGH)
    quarters = asked(counted.by_calendar_month, people.dana, period="Q", through=THROUGH)
    months["cohort"] = months["cohort"].dt.to_period("Q").dt.start_time
    sums = ["active", "orders", "revenue"]
    same(quarters.groupby(["cohort", "month"])[sums].sum(), months.groupby(["cohort", "month"])[sums].sum())


def test_an_earlier_day_knows_nothing_of_what_came_later(people, orders):
    day = dt.date(2024, 12, 10)
    expected = cohorts.cohort_table(until(orders, day), "M", day)
    found = asked(counted.cohort_cells, people.dana, period="M", through=day)
    assert found["revenue"].tolist() == pytest.approx(expected["revenue"].tolist())
    curve = asked(counted.second_order, people.dana, through=day, bands=(0, 30, 90, 999)).curve
    same(curve, cohorts.time_to_second_order(until(orders, day), day))


def test_the_second_order_and_who_is_still_waited_for(people, orders):
    found = asked(counted.second_order, people.dana, through=THROUGH, bands=(0, 30, 90, 9999))
    same(found.curve, cohorts.time_to_second_order(orders, THROUGH))
    assert found.customers == orders["customer_id"].nunique()
    assert found.bands["returned"].sum() + found.bands["waiting"].sum() == found.customers
    assert found.bands["days_from"].tolist() == [0, 31, 91]
    assert found.bands["share_returned"].iloc[-1] == found.curve["share_returned"].iloc[-1]
    days = orders.groupby("customer_id")["date"].agg(["min", "nunique"])
    ago = (pd.Timestamp(THROUGH) - days["min"]).dt.days
    waiting = days.index[(days["nunique"] == 1) & (ago >= 31) & (ago <= 90)]
    ids = asked(counted.waiting_customers, people.dana, through=THROUGH, low=31, high=90)
    assert sorted(ids) == sorted(waiting) and len(ids) == found.bands["waiting"].iloc[1]


@pytest.mark.parametrize("period", ["M", "Q"])
def test_the_repeat_rate_is_empty_where_the_cohort_is_too_young(people, orders, period):
    expected = cohorts.repeat_rate(orders, period, within_days=90, through=THROUGH)
    found = asked(counted.repeat_rates, people.dana, period=period, through=THROUGH, within_days=90)
    same(found, expected.assign(cohort=expected["cohort"].dt.start_time))
    assert found["repeat_rate"].isna().any() and found["repeat_rate"].notna().any()


def test_a_cell_leads_to_exactly_the_customers_it_counts(people, orders):
    cells = asked(counted.cohort_cells, people.dana, period="Q", through=THROUGH)
    first = orders.groupby("customer_id")["date"].min().dt.to_period("Q")
    now = orders["date"].dt.to_period("Q")
    for cell in cells[(cells["age"] == 1) & (cells["active"] > 0)].itertuples():
        won = (cell.cohort.date(), counted.last_day(cell.cohort, "Q"))
        bought = counted.span_of_age(cell.cohort, 1, "Q")
        ids = asked(counted.buyers, people.dana, first=won, bought=bought)
        cohort = orders["customer_id"].map(first) == pd.Period(cell.cohort, "Q")
        assert ids == sorted(orders.loc[cohort & (now == pd.Period(cell.cohort, "Q") + 1), "customer_id"].unique())
        assert len(ids) == cell.active


def test_a_rep_counts_his_own_and_a_stranger_nobody(people, orders):
    mine = asked(counted.cohort_cells, people.anna, period="M", through=THROUGH)
    theirs = asked(counted.cohort_cells, people.chen, period="M", through=THROUGH)
    everybody = asked(counted.cohort_cells, people.dana, period="M", through=THROUGH)
    parts = [frame.loc[frame["age"] == 0, "customers"].sum() for frame in (mine, theirs, everybody)]
    assert parts[0] + parts[1] == parts[2] == orders["customer_id"].nunique() and min(parts) > 20
    with open_as(people.emil.actor) as session:
        assert counted.cohort_cells(session, Population(board_id=people.dana.board_id), "M", THROUGH).empty
        assert concentrated.concentrated(session, Population(board_id=people.dana.board_id), 0.2) is None


def test_a_shared_customer_is_counted_by_the_other_rep_too(people, orders):
    before = len(asked(concentrated.totals, people.anna))
    chens = set(asked(concentrated.totals, people.chen)["customer_id"])
    with open_as(SYSTEM) as session:
        customer = session.get(counted.Customer, min(chens))
    a_share(customer, user_id=people.anna.id)
    assert len(asked(concentrated.totals, people.anna)) == before + 1


def test_a_deleted_customer_is_gone_from_every_figure(people, orders):
    best = int(asked(concentrated.totals, people.dana)["customer_id"].iloc[0])
    with open_as(people.dana.actor) as session:
        delete_customers(session, [best])
    left = orders[orders["customer_id"] != best]
    assert best not in set(asked(concentrated.totals, people.dana)["customer_id"])
    cells = asked(counted.cohort_cells, people.dana, period="Y", through=THROUGH)
    assert cells["revenue"].sum() == pytest.approx(left["amount"].sum())


def test_a_list_and_a_first_purchase_narrow_the_base(people, orders):
    chosen = sorted(orders["customer_id"].unique())[:7]
    with open_as(people.dana.actor) as session:
        group = CustomerGroup(name="Seven", board_id=people.dana.board_id, owner_id=people.dana.id, team_id=people.dana.unit_id)
        session.add(group)
        session.flush()
        session.add_all(GroupMember(group_id=group.id, customer_id=int(one)) for one in chosen)
        population = Population(board_id=people.dana.board_id, group_id=group.id)
        expected = orders[orders["customer_id"].isin(chosen)]
        assert counted.cohort_cells(session, population, "M", THROUGH)["revenue"].sum() == pytest.approx(expected["amount"].sum())
        assert concentrated.totals(session, population)["revenue"].sum() == pytest.approx(expected["amount"].sum())
        since = population.model_copy(update={"where": CustomerFilter(first_order_from=dt.date(2025, 1, 1))})
        first = expected.groupby("customer_id")["date"].min()
        late = first.index[first >= pd.Timestamp(2025, 1, 1)]
        assert len(concentrated.totals(session, since)) == len(late)


def test_the_data_end_where_nothing_has_come_in_for_a_month(people, orders):
    def known(day):
        with open_as(SYSTEM) as session:
            set_demo_today(session, DemoDay(day=day))
        with open_as(people.dana.actor) as session:
            return counted.known_until(session, people.dana.board_id)

    last = orders["date"].max().date()
    assert known(last + dt.timedelta(31)) == last + dt.timedelta(31)
    assert known(last + dt.timedelta(32)) == last
    with open_as(people.emil.actor) as session:
        assert counted.known_until(session, people.emil.board_id) is None


# ------------------------------------------------------------------------------------------------ concentration


def test_concentration_and_lorenz_are_those_of_the_purchases(people, orders):
    found = asked(concentrated.concentrated, people.dana, top=0.2)
    expected = audit.concentration(orders, 0.2)
    for name in ("customers", "revenue", "gini", "top_share_revenue", "customers_for_80"):
        assert getattr(found.figures, name) == pytest.approx(getattr(expected, name)), name
    same(found.curve, audit.lorenz_curve(orders))
    best = orders.groupby("customer_id")["amount"].sum().nlargest(len(found.best))
    assert len(found.best) == round(0.2 * found.figures.customers) and set(found.best) == set(best.index)


def test_deciles_are_those_of_the_purchases_and_lead_to_their_customers(people, orders):
    found = asked(concentrated.decile_table, people.dana)
    same(found, audit.deciles(orders))
    ids = [asked(concentrated.decile_customers, people.dana, decile=decile) for decile in range(1, 11)]
    assert [len(one) for one in ids] == found["customers"].tolist()
    assert len({one for part in ids for one in part}) == orders["customer_id"].nunique()
    revenue = orders.groupby("customer_id")["amount"].sum()
    assert revenue[ids[0]].sum() == pytest.approx(found["revenue"].iloc[0])


def halves(orders, spans):
    day = orders["date"].dt.date
    return orders[(day >= spans.before_from) & (day <= spans.before_to)], orders[
        (day >= spans.after_from) & (day <= spans.after_to)
    ]


@pytest.mark.parametrize("months", [6, None])
def test_the_stability_of_the_top_is_that_of_the_purchases(people, orders, months):
    spans = asked(concentrated.spans_of, people.dana, as_of=THROUGH, months=months)
    before, after = halves(orders, spans)
    found = asked(concentrated.stability, people.dana, spans=spans, top=0.2)
    assert vars(found.figures) == pytest.approx(vars(audit.top_stability(before, after, 0.2)))
    same(found.change, audit.lens2_change(before, after))
    cells = found.standing.set_index(["was", "now"])["customers"]
    facts = found.figures
    assert cells.get(("top", "top"), 0) == facts.still_top and cells.get(("top", "gone"), 0) == facts.gone
    assert cells.get(("below", "top"), 0) == facts.risen and cells.get(("joined", "top"), 0) == facts.joined
    assert found.standing["share_after"].sum() == pytest.approx(1)
    ids = asked(concentrated.standing_customers, people.dana, spans=spans, top=0.2, was=("top",), now=("below",))
    assert len(ids) == facts.fallen


def test_the_two_periods_are_of_equal_length_and_within_the_data(people, orders):
    spans = asked(concentrated.spans_of, people.dana, as_of=THROUGH, months=6)
    assert (spans.before_from, spans.before_to) == (dt.date(2024, 11, 18), dt.date(2025, 5, 17))
    assert (spans.after_from, spans.after_to) == (dt.date(2025, 5, 18), THROUGH)
    halves = asked(concentrated.spans_of, people.dana, as_of=THROUGH, months=None)
    assert halves.before_to - halves.before_from == halves.after_to - halves.after_from


def test_a_period_that_begins_a_month_before_the_data_is_not_compared(people, orders):
    first = orders["date"].min().date()
    allowed = first - dt.timedelta(31) + relativedelta(months=12) - dt.timedelta(1)
    spans = asked(concentrated.spans_of, people.dana, as_of=allowed, months=6)
    assert spans.before_from == first - dt.timedelta(31)
    assert asked(concentrated.spans_of, people.dana, as_of=allowed - dt.timedelta(1), months=6) is None


def test_those_on_the_way_up_were_below_the_top(people, orders):
    spans = asked(concentrated.spans_of, people.dana, as_of=THROUGH, months=None)
    stability = asked(concentrated.stability, people.dana, spans=spans, top=0.2)
    found = stability.risers
    both = asked(concentrated.two_periods, people.dana, spans=spans, top=0.2).set_index("customer_id")
    assert len(found) and (both.loc[found["id"], "was"] == "below").all()
    assert found["change"].is_monotonic_decreasing and (found["change"] > 0).all()
    assert found["name"].str.startswith("Buyer").all()
    assert stability.rising == len(found) == ((both["was"] == "below") & (both["revenue_after"] > both["revenue_before"])).sum()
    assert (found["place_now"] <= 12).sum() >= found["in_top"].sum()


def test_the_rows_behind_are_the_rows_that_were_counted(people, orders):
    rows = asked(counted.purchase_rows, people.dana)
    assert len(rows) == len(orders) and rows["amount"].sum() == pytest.approx(orders["amount"].sum())
    totals = asked(concentrated.total_rows, people.dana)
    assert totals["share_revenue"].sum() == pytest.approx(100) and totals["customer"].notna().all()
    spans = asked(concentrated.spans_of, people.dana, as_of=THROUGH, months=6)
    assert asked(concentrated.two_period_rows, people.dana, spans=spans, top=0.2)["customer"].notna().all()


def test_nobody_bought_is_no_error(people):
    for query, arguments in (
        (counted.cohort_cells, {"period": "M", "through": THROUGH}),
        (counted.by_calendar_month, {"period": "Q", "through": THROUGH}),
        (counted.repeat_rates, {"period": "M", "through": THROUGH, "within_days": 90}),
        (concentrated.decile_table, {}),
    ):
        assert asked(query, people.dana, **arguments).empty, query.__name__
    assert asked(counted.second_order, people.dana, through=THROUGH, bands=(0, 30, 99)).customers == 0
    assert asked(concentrated.concentrated, people.dana, top=0.2) is None
    assert asked(concentrated.spans_of, people.dana, as_of=THROUGH, months=6) is None


# ------------------------------------------------------------------------------------------------ real shops


@pytest.mark.real_data
def test_the_top_fifth_of_online_retail_brings_three_quarters(people, database_kind):
    if database_kind == "postgres":
        pytest.skip("once is enough")
    bring_in(online_retail(), people.anna)
    facts = asked(concentrated.concentrated, people.dana, top=0.2).figures
    assert facts.customers == 4_338
    assert round(facts.top_share_revenue, 3) == 0.746
    cells = asked(counted.cohort_cells, people.dana, period="M", through=dt.date(2011, 12, 9))
    assert cells["revenue"].sum() == pytest.approx(8_911_407.90, abs=0.01)
    assert cells.loc[~cells["complete"], "period"].unique().tolist() == [pd.Timestamp(2011, 12, 1)]
    first = cells[(cells["cohort"] == pd.Timestamp(2010, 12, 1)) & (cells["age"] == 0)]
    assert first["customers"].tolist() == [885]


def test_cdnow_by_cohort_agrees_with_the_pure_function(people):
    found = cdnow(400)
    bring_in(found, people.anna)
    bought = found[found["amount"] > 0].rename(columns={"customer": "customer_id"})
    expected = cohorts.cohort_table(bought, "M", dt.date(1998, 6, 30))
    cells = asked(counted.cohort_cells, people.dana, period="M", through=dt.date(1998, 6, 30))
    assert cells["active"].tolist() == expected["active"].tolist()
    assert cells["complete"].all()
