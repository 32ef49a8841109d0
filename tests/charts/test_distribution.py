from datetime import date

import pandas as pd

from crm import charts

COHORTS = pd.DataFrame(
    {
        "cohort": [date(2025, 2, 1), date(2025, 1, 1), date(2025, 1, 1), date(2025, 1, 1)],
        "age": [0, 0, 1, 2],
        "value": [1.0, 1.0, 0.4, 0.25],
    }
)
SCORES = pd.DataFrame({"r": [1, 5, 5], "f": [1, 1, 5], "customers": [30, 20, 10], "revenue": [100.0, 2000.0, 90_000.0]})


def test_histogram_has_a_bar_for_each_bin():
    (bar,) = charts.histogram([0, 10, 20, 50], [4, 9, 1], {}).data
    assert (list(bar.x), list(bar.width), list(bar.y)) == ([5, 15, 35], [10, 10, 30], [4, 9, 1])
    assert [list(edges) for edges in bar.customdata] == [[0, 10], [10, 20], [20, 50]]


def test_histogram_marks_its_quantiles_and_keeps_near_names_apart():
    layout = charts.histogram([0, 50, 100], [4, 9], {0.5: 40.0, 0.1: 35.0, 0.9: 95.0}, "gap").layout
    assert [mark.x for mark in layout.annotations] == [35, 40, 95]
    assert [mark.text for mark in layout.annotations] == ["P10", "{median}", "P90"]
    assert [mark.yshift for mark in layout.annotations] == [0, 14, 0]
    assert layout.xaxis.title.text == "{gap}"


def test_cohorts_stand_oldest_first_with_the_number_in_each_cell():
    (heat,) = charts.cohort_heat(COHORTS).data
    assert list(heat.y) == ["2025-01", "2025-02"]
    assert [list(row) for row in heat.z] == [[1.0, 0.4, 0.25], [1.0, None, None]]
    assert [list(row) for row in heat.text] == [["100%", "40%", "25%"], ["100%", "", ""]]
    assert list(heat.customdata[0][1]) == ["2025-01-01", 1]


def test_the_first_month_does_not_take_the_strongest_colour_from_the_rest():
    assert charts.cohort_heat(COHORTS).data[0].zmax == 0.4
    assert charts.cohort_heat(COHORTS[:2]).data[0].zmax == 1


def test_cohort_amounts_are_short_numbers():
    (heat,) = charts.cohort_heat(COHORTS.assign(value=[10, 10_000, 30, 20]), as_share=False).data
    assert list(heat.text[0]) == ["{=10000.0}", "{=30.0}", "{=20.0}"]


def test_rfm_shows_customers_and_revenue_the_best_at_the_top_right():
    (heat,) = charts.rfm_heat(SCORES).data
    assert (list(heat.x), list(heat.y)) == ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    assert heat.text[4][4] == "<b>10</b><br>{=90000.0}"
    assert heat.z[0][4] == 20
    assert heat.z[1][1] is None
    assert list(heat.customdata[0][4]) == [5, 1, 20, 2000]


def test_colours_come_from_the_theme():
    for figure in (charts.cohort_heat(COHORTS), charts.rfm_heat(SCORES)):
        assert figure.data[0].colorscale is None
        assert figure.data[0].showscale is False


def test_nothing_to_draw_is_an_empty_figure():
    for figure in (charts.histogram([], [], {}), charts.cohort_heat(COHORTS[:0]), charts.rfm_heat(SCORES[:0])):
        assert figure.data == ()
        assert '"data":[]' in figure.to_json()
