"""The figures of funnel and forecast carry these values, and their clicks these keys."""

import datetime as dt

import pandas as pd

from crm.analytics import forecast as told
from crm.analytics import funnel
from crm.charts import forecast, pipeline

COUNTS = pd.DataFrame(
    {"state": ["won", "lost", "lost", "open"], "reached": [0, 0, 1, 1], "deals": [4, 3, 2, 1]},
)
TABLE = funnel.funnel_of(COUNTS, 2).assign(name=["Lead", "Bid {a}"])


def test_the_parts_of_a_bar_make_up_who_came():
    figure = pipeline.funnel(TABLE)
    parts = {trace.name: list(trace.x) for trace in figure.data}
    assert parts == {"{state:won}": [4, 4], "{went_further}": [3, 0], "{open_here}": [0, 1], "{lost_here}": [3, 2]}
    assert [sum(part[row] for part in parts.values()) for row in (0, 1)] == TABLE["entered"].tolist()
    assert list(figure.data[3].customdata[1]) == [1, "lost"]
    assert "&#123;a&#125;" in figure.layout.yaxis.ticktext[1]


def test_cohorts_and_rates():
    deals = pd.DataFrame({"cohort": pd.to_datetime(["2026-01-01"] * 2), "state": ["won", "lost"], "deals": [1, 3]})
    figure = pipeline.cohorts(funnel.cohorts_of(deals))
    assert [list(trace.y) for trace in figure.data] == [[1], [0], [3]]
    assert list(figure.data[0].customdata[0]) == ["2026-01-01", "won"]
    rates = pd.DataFrame({"name": ["A", "B"], "win_rate": [0.5, None], "low": [0.2, None], "high": [0.8, None]})
    assert list(pipeline.rates(rates.assign(won=[1, 0], lost=[1, 0])).data[0].x) == [0.5]


def test_differences_are_grey_where_they_may_be_chance():
    two = funnel.compare_funnels(TABLE, TABLE).assign(name=["Lead", "Bid"])
    points = pipeline.differences(two).data[-1]
    assert list(points.x) == [0, 0] and len(set(points.marker.color)) == 1
    assert [trace.name for trace in pipeline.two_shares(two, "A", "B {x}").data] == ["A", "B &#123;x&#125;"]


def test_the_waterfall_stands_on_what_was_before():
    changes = pd.DataFrame({"opportunity_id": [1, 2], "step": ["won", "lost"], "change": [50.0, -30.0]})
    bar = forecast.waterfall(told.waterfall(changes, 100.0)).data[0]
    assert list(bar.customdata) == ["opening", "won", "lost", "closing"]
    assert list(bar.base) == [0, 100, 120, 0] and list(bar.x) == [100, 50, 30, 120]


def test_the_forecast_is_dark_between_its_marks():
    figure = forecast.distribution([0, 1, 2, 3], [1, 2, 1], {"won": 0.0, "p10": 1.0, "p50": 1.5, "p90": 2.0})
    colours = figure.data[0].marker.color
    assert colours[0] == colours[2] != colours[1]
    assert {note.text.split(" ")[0] for note in figure.layout.annotations} == {"{state:won}", "P10", "P50", "P90"}


def test_what_is_ahead_is_a_band():
    frame = pd.DataFrame({"day": pd.to_datetime(["2026-01-01", "2026-02-01"]), "won": [5.0, None]})
    frame = frame.assign(p10=[None, 6.0], p50=[None, 7.0], p90=[None, 9.0])
    figure = forecast.path(frame, dt.date(2026, 1, 15), dt.date(2026, 2, 1), 8.0)
    assert [list(trace.y) for trace in figure.data] == [[9.0], [6.0], [7.0], [5.0]]
    assert len(figure.layout.shapes) == 2


def test_nothing_to_draw_is_a_figure_all_the_same():
    empty = TABLE[:0]
    for draw in (pipeline.funnel, pipeline.cohorts, forecast.accuracy, forecast.reliability, forecast.told_before):
        assert not draw(empty).data
    assert not forecast.distribution([], [], {}).data
