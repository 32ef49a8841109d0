import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.value_change import PARTS, summed, value_changes, waterfall


def a_day(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "owner", "value", "lost"]).astype({"owner": "Int64", "lost": "bool"})


BEFORE = a_day((1, 7, 100.0, False), (2, 7, 50.0, False), (3, 7, 80.0, False), (4, 7, 30.0, False), (5, 8, 60.0, False))
AFTER = a_day(
    (1, 7, 130.0, False), (2, 7, 40.0, False), (3, 7, 5.0, True), (4, 8, 36.0, False), (5, 7, 60.0, False), (6, 7, 9.0, False)
)


def test_it_works():
    told = summed(value_changes(BEFORE, AFTER)).set_index("owner")
    names = ["opening", *PARTS, "closing"]
    assert told.loc[7, names].tolist() == [260, 9, 30, -10, -75, 60, -30, 244]
    assert told.loc[8, names].tolist() == [60, 0, 6, 0, 0, 30, -60, 36]


def test_the_waterfall_of_a_team():
    fall = waterfall(value_changes(BEFORE, AFTER)).set_index("step")
    assert fall.loc["opening", "total"] == 320
    assert fall.loc["closing", "total"] == 280
    assert fall.loc[["inherited", "handed_over"], "change"].sum() == 0


def test_a_customer_who_stands_there_twice():
    with pytest.raises(AnalyticsError):
        value_changes(pd.concat([BEFORE, BEFORE]), AFTER)


OWNERS = st.one_of(st.none(), st.integers(1, 3))
DAYS = st.dictionaries(st.integers(1, 12), st.tuples(OWNERS, st.integers(0, 10**6), st.booleans()), max_size=12)


@given(DAYS, DAYS)
def test_it_adds_up_exactly_for_everybody(before, after):
    was, now = (a_day(*((one, owner, value * 1.0, lost) for one, (owner, value, lost) in day.items())) for day in (before, after))
    told = value_changes(was, now)
    table = summed(told)
    for owner in {1, 2, 3}:
        mine = table[table["owner"] == owner]
        opening, closing = (float(day.loc[day["owner"] == owner, "value"].sum()) for day in (was, now))
        assert mine["opening"].sum() == opening
        assert mine["closing"].sum() == closing
        assert told.loc[told["owner"] == owner, "change"].sum() == closing - opening
    fall = waterfall(told).set_index("step")["total"]
    owned = [float(day.loc[day["owner"].notna(), "value"].sum()) for day in (was, now)]
    assert fall[["opening", "closing"]].tolist() == owned
