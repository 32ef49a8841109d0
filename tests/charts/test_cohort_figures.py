from datetime import date

import numpy as np
import pandas as pd

from crm.charts import cohorts

JAN, FEB, MAR = (pd.Timestamp(2025, month, 1) for month in (1, 2, 3))
CELLS = pd.DataFrame(
    [
        (JAN, 0, 10, True, 1.0, 900.0),
        (JAN, 1, 10, True, 0.4, 300.0),
        (JAN, 2, 10, False, 0.1, 20.0),
        (FEB, 0, 5, True, 1.0, 700.0),
        (FEB, 1, 5, False, 0.2, 50.0),
    ],
    columns=["cohort", "age", "customers", "complete", "retention", "revenue"],
)
PARTS = pd.DataFrame(
    [(JAN, JAN, 900.0, True), (JAN, FEB, 300.0, True), (JAN, MAR, 20.0, False), (FEB, FEB, 700.0, True), (FEB, MAR, 50.0, False)],
    columns=["cohort", "month", "revenue", "complete"],
)
CURVE = pd.DataFrame({"days": [3, 20, 45, 80], "at_risk": [100, 60, 40, 9], "share_returned": [0.1, 0.2, 0.3, 0.4]})
BANDS = pd.DataFrame({"days_from": [0, 31, 61], "days_to": [30, 60, 90], "share_returned": [0.2, 0.3, 0.4]})
RATES = pd.DataFrame(
    {"cohort": [JAN, FEB], "customers": [10, 5], "repeat_rate": pd.array([0.3, None], dtype="Float64"), "repeaters": [3, None]}
)


def test_periods_are_named_without_words():
    assert [cohorts.period_name(date(2025, 4, 1), period) for period in "MQY"] == ["2025-04", "2025 Q2", "2025"]


def test_a_row_names_its_cohort_and_its_size():
    layout = cohorts.cohort_grid(CELLS, "retention", "M", as_share=True).layout
    assert list(layout.yaxis.ticktext) == ["2025-01  ·  10", "2025-02  ·  5"]
    assert tuple(layout.yaxis.range) == (1.5, -0.5), "the oldest on top"
    assert layout.xaxis.title.text == "{age_in_months}"


def test_a_cell_that_is_not_over_is_grey_and_does_not_look_like_a_fall():
    whole, unfinished, _ = cohorts.cohort_grid(CELLS, "retention", "M", as_share=True).data
    assert [list(row) for row in whole.z] == [[1.0, 0.4, None], [1.0, None, None]]
    assert [list(row) for row in whole.text] == [["100%", "40%", ""], ["100%", "", ""]]
    assert [list(row) for row in unfinished.text] == [["", "", "10%…"], ["", "20%…", ""]]
    assert unfinished.colorscale[0][1] == unfinished.colorscale[1][1]
    assert whole.colorscale is None, "the theme's own"


def test_the_strongest_colour_is_the_best_of_the_finished_later_cells():
    assert cohorts.cohort_grid(CELLS, "retention", "M").data[0].zmax == 0.4
    assert cohorts.cohort_grid(CELLS[CELLS["age"] == 0], "retention", "M").data[0].zmax == 1


def test_amounts_are_short_numbers_and_a_click_gives_cohort_and_age():
    whole, _, clear = cohorts.cohort_grid(CELLS, "revenue", "M").data
    assert list(whole.text[0]) == ["{=900.0}", "{=300.0}", ""]
    assert clear.type == "bar", "a heat map tells no selection"
    assert [list(one) for one in clear.customdata][3:] == [["2025-02-01", 0], ["2025-02-01", 1]]
    assert (clear.x[4], clear.base[4]) == (1, 0.5)
    assert clear.hovertext[4] == "2025-02, {age_in_months} 1<br>{revenue}: <b>{=50.0}…</b>"


def test_what_was_chosen_is_outlined():
    (cell,) = cohorts.cohort_grid(CELLS, "revenue", "M", chosen=(date(2025, 2, 1), 1)).layout.shapes
    assert (cell.x0, cell.x1, cell.y0, cell.y1) == (0.5, 1.5, 0.5, 1.5)
    (row,) = cohorts.cohort_grid(CELLS, "revenue", "M", chosen=(date(2025, 1, 1), None)).layout.shapes
    assert (row.x0, row.x1) == (-0.5, 2.5)
    assert not cohorts.cohort_grid(CELLS, "revenue", "M", chosen=(date(2019, 1, 1), 1)).layout.shapes


def test_c3_stacks_the_oldest_cohort_first_and_pales_the_month_that_is_not_over():
    figure = cohorts.c3(PARTS, "revenue", "M")
    assert [trace.name for trace in figure.data] == ["2025-01", "2025-02"]
    assert [list(trace.y) for trace in figure.data] == [[900, 300, 20], [0, 700, 50]]
    assert list(figure.data[0].marker.opacity) == [1, 1, 0.4]
    assert figure.layout.barmode == "stack"
    assert list(figure.data[1].customdata[1]) == ["2025-02-01", "2025-02-01"]
    assert "{=" not in figure.data[1].hovertext[1] and "{%0.7}" in figure.data[1].hovertext[1]


def test_the_second_order_is_marked_at_the_end_of_each_band_and_dotted_where_few_are_left():
    line, thin, points = cohorts.second_order(CURVE, BANDS, 90).data
    assert list(line.x) == [0, 3, 20, 45] and list(line.y) == [0, 0.1, 0.2, 0.3]
    assert list(thin.x) == [45, 80] and thin.line.dash == "dot"
    assert list(points.x) == [30, 60, 90] and list(points.text) == ["{%0.2}", "{%0.3}", "{%0.4}"]
    assert [list(one) for one in points.customdata] == [[0, 30], [31, 60], [61, 90]]


def test_a_cohort_not_seen_long_enough_has_dots_and_no_column():
    bar, waiting = cohorts.repeat_columns(RATES, "M").data
    assert bar.y[0] == 0.3 and np.isnan(bar.y[1])
    assert list(bar.text) == ["30%", ""] and list(bar.customdata) == ["2025-01-01", "2025-02-01"]
    assert list(waiting.x) == [1] and list(waiting.text) == ["…"]


def test_nothing_to_draw_is_an_empty_figure():
    empty = [
        cohorts.cohort_grid(CELLS[:0], "revenue", "M"),
        cohorts.c3(PARTS[:0], "revenue", "M"),
        cohorts.second_order(CURVE[:0], BANDS, 90),
        cohorts.repeat_columns(RATES[:0], "M"),
    ]
    assert [figure.data for figure in empty] == [()] * 4
