import pandas as pd

from crm.charts.effect import differences, ordered_curves
from crm.charts.theme import EVERGREEN, NEUTRAL

CURVES = pd.DataFrame(
    {
        "called": [False, False, True, True, True],
        "day": [0, 60, 0, 10, 60],
        "share": [0, 0.1, 0, 0.2, 0.3],
        "low": [0, 0.05, 0, 0.15, 0.2],
        "high": [0, 0.2, 0, 0.25, 0.4],
    }
)
GROUPS = pd.DataFrame(
    {
        "key": ["a", "b"],
        "group": ["East <b>", "West"],
        "difference": [0.1, -0.02],
        "low": [0.04, -0.1],
        "high": [0.17, 0.06],
        "called_n": [1200, 90],
        "control_n": [130, 10],
    }
)


def test_both_arms_rise_in_steps_with_their_bands():
    figure = ordered_curves(CURVES, (30, 90))
    control, called = (trace for trace in figure.data if trace.name)
    assert (control.name, called.name) == ("{control}", "{proposed}")
    assert list(called.x) == [0, 10, 60] and list(called.y) == [0, 0.2, 0.3]
    assert called.line.shape == "hv" and (called.line.color, control.line.color) == (EVERGREEN, NEUTRAL)
    assert [point[0] for point in called.customdata] == ["proposed"] * 3
    band = next(trace for trace in figure.data if trace.legendgroup == "proposed" and not trace.name)
    assert list(band.x) == [0, 10, 10, 60, 60, 60, 60, 10, 10, 0]
    assert max(band.y) == 0.4


def test_only_windows_within_the_days_are_marked():
    assert [line.x0 for line in ordered_curves(CURVES, (30, 60, 90)).layout.shapes] == [30]


def test_one_dot_a_group_in_points_with_its_interval():
    figure = differences(GROUPS)
    first, second = figure.data
    assert (first.x[0], first.y[0]) == (10.0, 0)
    assert round(first.error_x.array[0], 6) == 7 and round(first.error_x.arrayminus[0], 6) == 6
    assert first.customdata == ("a",)
    assert (first.marker.color, second.marker.color) == (EVERGREEN, NEUTRAL)
    assert list(figure.layout.yaxis.ticktext) == ["East &lt;b&gt;", "West"]
    assert "{proposed}: 1,200" in first.hovertext[0] and "+10.0 (+4.0 – +17.0)" in first.hovertext[0]


def test_nothing_to_draw():
    assert not ordered_curves(CURVES.iloc[:0]).data
    assert not differences(GROUPS.iloc[:0]).data
