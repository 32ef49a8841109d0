from datetime import date
from decimal import Decimal

import pandas as pd

from crm import charts
from crm.charts.theme import BRICK, EVERGREEN

TODAY = date(2025, 6, 1)
ORDERS = pd.DataFrame(
    {
        "id": [7, 8, 9],
        "ordered_on": [date(2025, 1, 10), date(2025, 2, 20), date(2025, 2, 25)],
        "amount": [Decimal("100.50"), Decimal("80"), Decimal("-80")],
        "kind": ["sale", "sale", "return"],
    }
)


def test_each_order_is_a_stem_in_the_colour_of_its_kind():
    sales, returns = charts.rhythm(ORDERS, TODAY).data
    assert (sales.name, sales.marker.color) == ("{sale}", EVERGREEN)
    assert (returns.name, returns.marker.color) == ("{return}", BRICK)
    assert list(sales.x) == ["2025-01-10", "2025-02-20"]
    assert (list(sales.y), list(returns.y)) == ([100.5, 80], [-80])
    assert (list(sales.customdata), list(returns.customdata)) == ([7, 8], [9])


def test_today_is_a_thin_line():
    layout = charts.rhythm(ORDERS, TODAY).layout
    (line,) = layout.shapes
    assert (line.x0, line.x1, line.line.width) == ("2025-06-01", "2025-06-01", 1)
    assert layout.annotations[0].text == "{today}"


def test_the_expected_order_is_a_lighter_marker_and_in_sight():
    figure = charts.rhythm(ORDERS, TODAY, date(2025, 7, 1))
    expected = figure.data[-1]
    assert (expected.name, list(expected.x), list(expected.y)) == ("{expected_next}", ["2025-07-01"], [0])
    assert expected.marker.color.startswith("rgba(31,122,92")
    assert figure.layout.xaxis.range[1] > "2025-07-01"


def test_a_customer_with_a_single_order_today():
    orders = ORDERS[:1].assign(ordered_on=[TODAY])
    figure = charts.rhythm(orders, TODAY)
    assert len(figure.data) == 1
    assert figure.layout.xaxis.range[0] < "2025-06-01" < figure.layout.xaxis.range[1]


def test_no_orders_is_an_empty_figure():
    assert charts.rhythm(ORDERS[:0], TODAY).data == ()


PATH = [(date(2025, 1, 10), 1.0), (date(2025, 2, 20), 0.6), (date(2025, 2, 20), 0.9), (TODAY, 0.5)]
SILENCE = [(TODAY, 0.5), (date(2025, 9, 1), 0.2)]


def test_p_alive_is_a_line_that_goes_on_dotted_and_fainter():
    past, ahead, ticks = charts.alive(PATH, SILENCE, [date(2024, 1, 1), date(2025, 1, 10), date(2025, 2, 20)], TODAY).data
    assert (list(past.x), list(past.y)) == (["2025-01-10", "2025-02-20", "2025-02-20", "2025-06-01"], [1.0, 0.6, 0.9, 0.5])
    assert (past.line.color, past.line.dash) == (EVERGREEN, None)
    assert (list(ahead.x), list(ahead.y), ahead.line.dash) == (["2025-06-01", "2025-09-01"], [0.5, 0.2], "dot")
    assert list(ticks.x) == ["2025-01-10", "2025-02-20"]


def test_p_alive_stands_between_nothing_and_all():
    layout = charts.alive(PATH, SILENCE, [], TODAY).layout
    assert list(layout.yaxis.tickvals) == [0, 0.5, 1]
    assert layout.yaxis.range[1] > 1
    (line,) = layout.shapes
    assert (line.x0, line.x1) == ("2025-06-01", "2025-06-01")


def test_without_a_path_nothing_is_drawn():
    assert charts.alive([], [], [], TODAY).data == ()
