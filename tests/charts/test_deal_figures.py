import datetime as dt

import pandas as pd

from crm.charts.deal import assessments
from crm.charts.theme import EVERGREEN

DAYS = [dt.date(2026, 6, 30), dt.date(2026, 3, 1), dt.date(2026, 5, 1)]


def test_scores_in_the_order_of_their_days_the_newest_written_out():
    (line,) = assessments(pd.DataFrame({"assessed_on": DAYS, "score": [75.0, 25.0, 50.0]})).data
    assert list(line.x) == ["2026-03-01", "2026-05-01", "2026-06-30"]
    assert list(line.y) == [25, 50, 75]
    assert list(line.text) == ["", "", "<b>75</b>"]
    assert [colour == EVERGREEN for colour in line.marker.color] == [False, False, True]


def test_nothing_to_draw():
    assert not assessments(pd.DataFrame({"assessed_on": [], "score": []})).data
