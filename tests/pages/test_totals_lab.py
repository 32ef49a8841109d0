import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.words.catalogue import chinese
from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/insight/lifetime_value.py"
PARTS = ("fit", "window", "orders", "value")
SHEET = "\t0\t1\t2\t3+\nFirst\t500\t300\t120\t80\nSecond\t640\t210\t90\t60\nThird\t720\t160\t70\t50"
CELLS = "500.300.120.80~640.210.90.60~720.160.70.50"


@pytest.fixture
def today(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))


@pytest.fixture
def business(people, today):
    """30 customers of anna known for two years; every third bought again in his first year, Eager twice; one is new"""
    for number in range(30):
        customer = a_customer(people.anna, name="Eager" if number == 0 else f"Buyer {number}")
        an_order(customer, 50, on=dt.date(2024, 2, 1))
        for month in (5, 8)[: 2 if number == 0 else 1] if number % 3 == 0 else ():
            an_order(customer, 20, on=dt.date(2024, month, 1))
    an_order(a_customer(people.emil), 99, on=dt.date(2024, 1, 1))
    an_order(a_customer(people.anna), 99, on=TODAY)


def lab(person, language="en", **query):
    return opened(PAGE, person, language, lab="totals", **query)


def paste(at, text):
    at.text_area(key="totals.pasted").set_value(text).run()
    assert not at.exception
    return at


def figures(at, column):
    return at.dataframe[0].value[column].tolist()


def test_the_example_shows_the_format_and_says_that_it_is_made_up(people):
    at = lab(people.dana)
    assert "Made-up figures" in texts(at)
    assert "The model fits: it puts" in texts(at)
    assert figures(at, "actual")[:3] == [4410, 2080, 1170]
    assert "counts" not in at.query_params


@pytest.mark.parametrize("part", PARTS)
def test_every_view_has_its_answer_and_its_chart_in_both_languages(people, part):
    for language in ("en", "zh"):
        at = lab(people.dana, language, part=part)
        assert not at.exception
        assert len(at.get("plotly_chart")) == 1
        assert len(at.dataframe) >= 2
        if language == "zh":
            assert english_left(at) == set()


def test_what_is_pasted_replaces_the_example_and_can_be_shared(people):
    at = paste(lab(people.dana), SHEET)
    assert "Made-up figures" not in texts(at)
    assert figures(at, "actual")[:4] == [500, 300, 120, 80]
    assert at.dataframe[0].value["period"].unique().tolist() == ["First", "Second", "Third"]
    assert at.checkbox(key="kept.more").value is True
    assert at.query_params["counts"] == CELLS
    shared = lab(people.amir, counts=CELLS)
    assert figures(shared, "actual") == figures(at, "actual")
    assert texts(shared).count("Made-up figures") == 0


def test_it_stays_while_the_views_are_changed(people):
    at = paste(lab(people.dana), SHEET)
    at.radio(key="totals.part").set_value("window").run()
    assert "Between year 3 and year 4" in texts(at)
    at.number_input(key="kept.t").set_value(0.0).run()
    assert "Between year 0 and year 1" in texts(at)
    assert figures(at, "left_before") == [0] * 6
    assert at.query_params["t"] == "0"
    at.radio(key="totals.part").set_value("fit").run()
    assert figures(at, "actual")[:2] == [500, 300]


def test_a_wrong_cell_is_named_and_nothing_is_lost(people):
    at = paste(lab(people.dana), SHEET)
    wrong = SHEET.replace("210", "many")
    paste(at, wrong)
    assert "Row 3, column 1: many is not a number." in at.error[0].value
    assert at.text_area(key="totals.pasted").value == wrong
    assert figures(at, "actual")[:2] == [500, 300]
    paste(at, wrong.replace("many", "211"))
    assert not at.error
    assert figures(at, "actual")[5] == 211


def test_an_empty_cell_asks_for_a_number(people):
    at = paste(lab(people.dana), "year,0,1\n2019,50,\n2020,60,4")
    assert "Fill in a number: 0 where there is nobody." in at.error[0].value


def test_a_file_is_read(people):
    at = lab(people.dana)
    at.file_uploader(key="totals.file").upload("years.csv", SHEET.replace("\t", ";").encode(), "text/csv").run()
    assert figures(at, "actual")[:4] == [500, 300, 120, 80]
    at.file_uploader(key="totals.file").upload("report.csv", b"%PDF-1.7 \x00", "text/csv").run()
    assert at.error and figures(at, "actual")[:4] == [500, 300, 120, 80]


def test_a_cell_typed_into_the_grid_counts(people):
    at = paste(lab(people.dana), SHEET)
    key = f"totals.grid.{at.session_state['totals.version']}"
    at.session_state[key] = {"edited_rows": {0: {"c0": 555}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert figures(at, "actual")[0] == 555
    assert at.query_params["counts"].startswith("555.300.")
    at.session_state[key] = {"edited_rows": {0: {"c0": None}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert "Row First, column 0: Fill in a number" in at.error[0].value
    assert figures(at, "actual")[0] == 555


def test_our_own_orders_as_totals_lead_to_their_customers(people, business):
    at = lab(people.dana)
    at.button(key="totals.own").click().run()
    assert not at.exception
    assert figures(at, "actual")[:3] == [20, 9, 1]
    at.session_state["totals.fit.12"] = {"selection": {"points": [{"customdata": ["Year 1", 2]}]}}
    at.run()
    assert "Year 1: customers with 2 repeat orders" in texts(at)
    assert any("Eager" in frame.value.get("name", []).tolist() for frame in at.dataframe if "name" in frame.value)


def test_another_period_takes_our_orders_again(people, business):
    at = lab(people.dana)
    at.button(key="totals.own").click().run()
    at.selectbox(key="totals.months").set_value("6").run()
    assert at.dataframe[0].value["period"].iloc[0] == "Half-year 1"
    assert figures(at, "actual")[:3] == [20, 10, 0]


def test_own_orders_too_young_are_refused_with_a_way_out(people, today):
    an_order(a_customer(people.anna), on=TODAY)
    at = lab(people.dana)
    at.button(key="totals.own").click().run()
    assert "None of our customers has been known for one whole period yet" in at.warning[0].value
    assert figures(at, "actual")[:2] == [4410, 2080]


def test_nobody_who_came_back_is_refused(people):
    at = lab(people.dana, counts="500.0.0~500.0.0")
    assert "Nobody ordered again in these figures" in texts(at)
    assert not at.get("plotly_chart")


def test_few_repeat_orders_are_a_warning(people):
    at = lab(people.dana, counts="500.4.1~502.2.1")
    assert "Not enough repeat buyers: 10." in at.warning[0].value
    assert at.get("plotly_chart")


def test_the_value_follows_margin_and_discount(people):
    at = lab(people.dana, part="value", order="50", margin="20", years="5")
    first = figures(at, "size")
    assert first[0] == 10
    assert "in 5 years (80 %:" in texts(at)
    at.number_input(key="kept.margin").set_value(40.0).run()
    assert figures(at, "size") == [20, *first[1:]]
    at.number_input(key="kept.discount").set_value(30.0).run()
    assert figures(at, "size")[3] < first[3]
    at.selectbox(key="totals.years").set_value("endless").run()
    assert "in 5 years" not in texts(at) and "A new customer is worth" in texts(at)


def test_nonsense_in_the_address_is_put_right(people):
    at = lab(people.dana, part="window", t="-4", tau="x", counts="5.x~3", months="7")
    assert not at.exception
    assert at.number_input(key="kept.t").value == 0
    assert at.number_input(key="kept.tau").value == 1


def test_a_stranger_sees_nothing_of_it(people, business):
    at = lab(people.gia)
    assert "totals.own" not in keys(at)
    at = lab(people.chen)
    at.button(key="totals.own").click().run()
    assert figures(at, "actual")[:2] == [4410, 2080], "chen has no customers: the example stays"


def test_the_words_of_the_chart_have_their_chinese(people):
    assert {"Left before", "There throughout", "Left inside", "Lost by leaving"} <= chinese().keys()
