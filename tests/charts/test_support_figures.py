"""The figures of the service say what their frames say, and a click leads to the part it shows."""

import numpy as np
import pandas as pd

from crm.analytics.durations import kaplan_meier
from crm.charts import support as charts


def test_open_by_age_has_a_part_that_waits():
    frame = pd.DataFrame({"age": ["up_to_1_day", "over_30_days"], "cases": [5, 3], "waiting": [1, 0]})
    working, waiting = charts.open_by_age(frame).data
    assert (list(working.x), list(waiting.x)) == ([4, 3], [1, 0])
    assert [list(one) for one in waiting.customdata] == [["up_to_1_day", "waiting"], ["over_30_days", "waiting"]]


def test_what_came_and_went_and_what_is_left():
    weeks = pd.to_datetime(["2026-06-15", "2026-06-22"])
    figure = charts.flow(pd.DataFrame({"week": weeks, "arrived": [4, 6], "ended": [5, 2], "backlog": [3, 7]}))
    assert [list(trace.y) for trace in figure.data] == [[4, 6], [5, 2], [3, 7]]
    assert list(figure.data[0].customdata[1]) == ["2026-06-22", "arrived"]


def test_long_waits_are_told_in_days():
    curve = kaplan_meier([24.0, 48.0, 240.0], [True, True, True])
    assert charts.waits(curve, 48.0, 240.0).data[2].x.tolist() == [0, 1, 2, 10]
    short = charts.waits(kaplan_meier([1.0, 2.0], [True, True]), 1.0, 2.0)
    assert short.data[2].x.tolist() == [0, 1, 2]


def test_dots_carry_their_interval_and_rows_without_a_value_are_left_out():
    frame = pd.DataFrame(
        {"name": ["East", "West"], "value": [0.5, np.nan], "low": [0.3, np.nan], "high": [0.7, np.nan], "of": [9, 0]}
    )
    (dot,) = charts.dots(frame, (0, 1), 0.4).data
    assert (list(dot.x), list(dot.customdata)) == ([0.5], [0])
    assert np.allclose([dot.error_x.array[0], dot.error_x.arrayminus[0]], 0.2)


def test_nothing_to_draw_is_a_figure_all_the_same():
    nothing = pd.DataFrame(
        {name: [] for name in ("age", "cases", "waiting", "name", "open", "csat", "answers", "week", "median")}
    )
    for draw in (charts.open_by_age, charts.ranked, charts.marks, charts.flow, charts.spans):
        assert not draw(nothing).data
