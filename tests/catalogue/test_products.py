import pytest

from crm.catalogue.queries import PAGE_SIZE, ProductFilter, product_count, product_rows, products
from crm.session import open_as
from tests.factories import a_product


@pytest.fixture
def shelf(people, tree):
    a_product(code="D-100", name="Cordless drill", category_id=tree["Drills"])
    a_product(code="P-200", name="手动压力机 Press 50%", category_id=tree["Presses"])
    a_product(code="S-300", name="Yearly service", category_id=tree["Services"])
    a_product(code="X-400", name="Left over drill")


@pytest.mark.parametrize(
    ("search", "codes"),
    [
        ("", ["D-100", "P-200", "S-300", "X-400"]),
        ("DRILL", ["D-100", "X-400"]),
        ("drill cord", ["D-100"]),
        ("-300", ["S-300"]),
        ("压力", ["P-200"]),
        ("drill 400", ["X-400"]),
        ("%", ["P-200"]),
        ("_", []),
        ("lathe", []),
    ],
)
def test_search_finds_every_word_in_name_or_code(people, shelf, search, codes):
    with open_as(people.anna.actor) as session:
        assert product_rows(session, ProductFilter(search=search))["code"].tolist() == codes
        assert product_count(session, ProductFilter(search=search)) == len(codes)


def test_a_category_holds_what_is_below_it(people, shelf, tree):
    with open_as(people.anna.actor) as session:
        assert product_rows(session, ProductFilter(category_id=tree["Machines"]))["code"].tolist() == ["D-100", "P-200"]
        assert product_rows(session, ProductFilter(category_id=tree["Drills"]))["code"].tolist() == ["D-100"]
        assert product_count(session, ProductFilter(search="press", category_id=tree["Machines"])) == 1


def test_ten_a_page(people):
    for number in range(PAGE_SIZE + 3):
        a_product(code=f"N{number:02}")
    with open_as(people.anna.actor) as session:
        assert len(products(session)) == PAGE_SIZE == 10
        assert products(session, page=2)["code"].tolist() == ["N10", "N11", "N12"]
