"""The figures of a target say what their frames say."""

import datetime as dt

import numpy as np
import pandas as pd

from crm.charts import targets as charts
from crm.charts.theme import AMBER, EVERGREEN

ROWS = pd.DataFrame(
    {
        "id": [7, 8],
        "subject": ["East", "Anna <b>"],
        "actual": [50.0, 300.0],
        "base": [100.0, 200.0],
        "stretch": [120.0, np.nan],
        "challenge": [150.0, np.nan],
        "pace": [60.0, 100.0],
    }
)


def test_each_bullet_stands_against_its_own_base():
    bar, base, stretch, challenge, pace = charts.bullet(ROWS).data
    assert list(bar.x) == [0.5, 1.5] and list(base.x) == [1, 1]
    assert [one.x[0] for one in (stretch, challenge)] == [1.2, 1.5] and np.isnan(stretch.x[1])
    assert list(pace.x) == [0.6, 0.5]
    assert list(bar.marker.color) == [AMBER, EVERGREEN], "behind its pace, ahead of it"
    assert list(bar.customdata) == [7, 8]
    assert "<b>" not in bar.hovertext[1].split("<br>")[0]


def test_far_beyond_the_base_is_cut_but_said():
    figure = charts.bullet(ROWS.assign(actual=[9000.0, 0.0]))
    assert figure.data[0].x[0] == charts.FARTHEST
    assert figure.layout.annotations[0].text == "<b>{%90.0}</b>"


def test_rows_stand_at_the_height_of_a_table():
    figure = charts.bullet(ROWS, row=33, head=33)
    assert figure.layout.height == 3 * 33 + charts.FOOT
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]


def test_the_gauge_shows_levels_and_pace():
    (dial,) = charts.gauge(50, 60, 100, 120, None).data
    assert dial.value == 50 and dial.gauge.threshold.value == 60
    assert list(dial.gauge.axis.tickvals) == [0, 100, 120]
    assert dial.gauge.bar.color == AMBER
    assert charts.gauge(70, 60, 100).data[0].gauge.bar.color == EVERGREEN
    assert charts.gauge(float("nan"), None, 100).data[0].value == 0


def test_the_trend_goes_on_as_a_band():
    days = pd.date_range("2026-06-01", periods=4)
    frame = pd.DataFrame(
        {
            "day": days,
            "actual": [10, 20, np.nan, np.nan],
            "pace": [8, 16, 24, 32],
            "p10": [np.nan, 20, 22, 25],
            "p50": [np.nan, 20, 30, 40],
            "p90": [np.nan, 20, 38, 55],
        }
    )
    figure = charts.trend(frame, {"base": 32, "stretch": np.nan}, dt.date(2026, 6, 2))
    upper, lower, middle, pace, actual = figure.data
    assert list(actual.y) == [10, 20] and list(pace.y) == [8, 16, 24, 32]
    assert (list(lower.y), list(middle.y), list(upper.y)) == ([20, 22, 25], [20, 30, 40], [20, 38, 55])
    assert [note.text for note in figure.layout.annotations] == ["{target:base} {=32.0}", "{today}"]
    over = charts.trend(frame.assign(p10=np.nan, p50=np.nan, p90=np.nan), {}, dt.date(2026, 7, 2))
    assert not over.layout.annotations and not len(over.data[0].y)


def test_nothing_to_draw_is_a_figure_all_the_same():
    assert not charts.bullet(ROWS.head(0)).data
    assert not charts.bullet(ROWS.assign(base=0.0)).data
    assert not charts.gauge(0, 0, 0).data
    assert not charts.trend(pd.DataFrame({"day": []})).data
