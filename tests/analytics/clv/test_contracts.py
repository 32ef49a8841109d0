import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.contracts import (
    cohort_survival,
    contracts_of_orders,
    contracts_of_survivors,
    fit_retention,
    residual_lifetimes,
    survival_table,
    survivor_lists,
)
from crm.analytics.clv.contractual import BetaDiscreteWeibull, ShiftedBetaGeometric
from crm.analytics.errors import AnalyticsError, TooLittleData

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
AS_OF = pd.Timestamp("2026-06-30")


def orders(*rows, months=12):
    """(customer, day) or (customer, day, "back")"""
    frame = pd.DataFrame([(row[0], 1, row[1], months, len(row) > 2) for row in rows])
    frame.columns = ["customer_id", "product_id", "ordered_on", "months", "taken_back"]
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]))


def histories(frame, grace_days=60, as_of=AS_OF):
    found = contracts_of_orders(frame, as_of, grace_days)
    return list(zip(found["customer_id"], found["renewals"].tolist(), found["lost"].tolist(), strict=True))


def test_orders_become_contracts():
    found = histories(
        orders(
            (1, "2022-01-31"), (1, "2023-01-15"), (1, "2024-02-01"),  # renewed twice, then lost
            (2, "2025-12-01"),                                        # not due yet
            (3, "2024-05-01"), (3, "2025-05-20"),                     # renewed once; the days of grace still run
            (4, "2020-03-01"), (4, "2023-03-01"),                     # came back two years later
        )
    )  # fmt: skip
    assert found == [(1, 2, True), (2, 0, False), (3, 1, False), (4, 0, True), (4, 0, True)]


def test_an_early_renewal_counts_when_its_days_of_grace_are_over():
    early = orders((1, "2025-06-20"), (1, "2026-06-01"))
    assert histories(early) == [(1, 0, False)]
    assert histories(early, as_of=pd.Timestamp("2026-08-20")) == [(1, 1, False)]


def test_the_term_is_in_months_of_the_calendar():
    found = contracts_of_orders(orders((1, "2024-01-31"), months=1), AS_OF, 0)
    assert found["ends_on"].tolist() == [pd.Timestamp("2024-02-29")]
    assert histories(orders((1, "2024-01-31"), (1, "2024-02-29"), months=1), 0)[0] == (1, 1, True)


def test_what_takes_back_undoes_the_order_before_it():
    assert histories(orders((1, "2024-01-01"), (1, "2024-01-09", "back"))) == []
    assert histories(orders((1, "2024-01-01"), (1, "2025-01-01"), (1, "2025-02-01", "back"))) == [(1, 0, True)]
    assert histories(orders((1, "2024-01-01", "back"), (1, "2024-02-01"))) == [(1, 0, True)], "nothing there to take back"
    assert histories(orders((1, "2024-01-01"), (2, "2024-01-09", "back"))) == [(1, 0, True)], "of somebody else"


def test_two_orders_of_a_day_are_one():
    assert histories(orders((1, "2024-01-01"), (1, "2024-01-01"))) == [(1, 0, True)]


def test_survivors_become_contracts_and_fit_as_they_are():
    contracts = contracts_of_survivors(["High End"], [HIGH_END])
    assert contracts["contracts"].sum() == 1000
    table = survival_table(contracts)
    assert (table["survival"] * 1000).tolist() == pytest.approx(HIGH_END[1:])
    assert table["due"].tolist() == HIGH_END[:-1]
    fitted = ShiftedBetaGeometric().fit(survivor_lists(contracts))
    assert fitted.log_likelihood_ == pytest.approx(-1611.158147, abs=1e-6)
    assert fitted.params_.tolist() == pytest.approx([0.668088, 3.806089], abs=2e-5)


def test_younger_cohorts_end_earlier():
    contracts = contracts_of_survivors(["2023", "2024"], [[100, 80, 60], [50, 45, None]])
    assert survival_table(contracts)["retention"].tolist() == pytest.approx([125 / 150, 60 / 80])
    by_cohort = cohort_survival(contracts)
    assert by_cohort[["cohort", "age", "due", "renewed"]].values.tolist() == [
        ["2023", 1, 100, 80], ["2023", 2, 80, 60], ["2024", 1, 50, 45],
    ]  # fmt: skip


@pytest.mark.parametrize("survivors", [[100, None, 50], [100, 110], [0, 0], [None, None]])
def test_survivors_that_cannot_be_are_refused(survivors):
    with pytest.raises(AnalyticsError, match="2024"):
        contracts_of_survivors(["2024"], [survivors])


def test_the_weibull_is_preferred_where_it_pays_for_its_parameter():
    fit = fit_retention(contracts_of_survivors(["High End"], [HIGH_END]))
    assert isinstance(fit.better, BetaDiscreteWeibull) == (fit.gain > 2)
    assert type(fit.better) is BetaDiscreteWeibull
    assert fit.p_value < 0.01
    regular = fit_retention(contracts_of_survivors(["made by an sBG"], [[10_000, 8000, 6818, 6017, 5433, 4984]]))
    assert type(regular.better) is ShiftedBetaGeometric


def test_two_renewals_carry_two_parameters_only():
    fit = fit_retention(contracts_of_survivors(["2024"], [[1000, 800, 700]]))
    assert fit.weibull is None
    assert type(fit.better) is ShiftedBetaGeometric


@pytest.mark.parametrize("survivors", [[1000, 1000, 1000], [30, 28, 25], [1000, 800]])
def test_too_little_is_refused(survivors):
    with pytest.raises(TooLittleData):
        fit_retention(contracts_of_survivors(["2024"], [survivors]))


def test_residual_lifetimes():
    model = ShiftedBetaGeometric().fit(HIGH_END)
    found = residual_lifetimes(model, 3, 0.1, 1.0)
    assert found["renewals"].tolist() == [0, 1, 2, 3]
    assert found["derl"].to_numpy() == pytest.approx(model.derl([1, 2, 3, 4], 0.1))
    assert ((found["lower"] < found["derl"]) & (found["derl"] < found["upper"])).all()
    assert found["retention"].iloc[1] == pytest.approx(float(model.retention_rate(2)))
    assert (np.diff(found["derl"]) > 0).all()
