import io

import pandas as pd
import pytest

from crm.errors import CrmError
from crm.insight.counts import (
    Counts,
    histogram_mistakes,
    pasted,
    read_counts,
    read_written,
    survivor_mistakes,
    written,
)

TWO_YEARS = ((500, 300, 20), (600, 200, 10))


def read(text):
    counts, mistakes = read_counts(pasted(text), "pasted.txt")
    assert mistakes == []
    return counts


def told(mistakes):
    return [(one.row, one.column, one.fault.template.format(**one.fault.values)) for one in mistakes]


@pytest.mark.parametrize(
    "text",
    [
        "\t0\t1\t2\nYear 1\t500\t300\t20\nYear 2\t600\t200\t10",
        "0,1,2\n500,300,20\n600,200,10",
        "500 300 20\n600 200 10",
        "2019;500;300;20\n2020;600;200;10",
        "orders,2019,2020\n0,500,600\n1,300,200\n2,20,10",
        "\t2019\t2020\n0\t500\t600\n1\t300\t200\n2+\t20\t10",
        "客户数，0，1，2以上\n第1年，500，300，20\n第2年，600，200，10",
    ],
)
def test_whichever_way_it_is_written_a_year_is_a_row(text):
    assert read(text).cells == TWO_YEARS


@pytest.mark.parametrize(
    ("text", "more"), [("a,0,1,2+\nx,5,3,2", True), ("a,0,1,2 or more\nx,5,3,2", True), ("a,0,1,2\nx,5,3,2", False)]
)
def test_the_last_column_may_mean_so_many_or_more(text, more):
    assert read(text).last_or_more is more


@pytest.mark.parametrize(
    "text", ["1000 869 743", "1000\n869\n743", "renewals,left\n0,1000\n1,869\n2,743", "left\n1,000\n869\n743"]
)
def test_one_cohort_in_a_line_or_in_a_column(text):
    assert read(text).cells == ((1000, 869, 743),)


def test_names_stay():
    assert read("cohort,0,1,2\n2023,100,80,70\n2024,90,60,") == Counts(
        ("2023", "2024"), ("0", "1", "2"), ((100, 80, 70), (90, 60, None))
    )


def test_a_workbook_is_read_too():
    file = io.BytesIO()
    pd.DataFrame({"year": ["Year 1", "Year 2"], 0: [500, 600], 1: [300, 200], 2: [20, 10]}).to_excel(file, index=False)
    assert read_counts(file.getvalue(), "years.xlsx")[0].cells == TWO_YEARS


def test_a_wrong_cell_is_named_by_line_and_column():
    _, mistakes = read_counts(pasted("year,0,1\n2019,5,many\n2020,-3,4"), "pasted.txt")
    assert told(mistakes) == [("2", "1", "many is not a number."), ("3", "0", "-3 is less than 0.")]
    _, mistakes = read_counts(pasted("5 3\n4 1.5"), "pasted.txt")
    assert told(mistakes) == [("2", "B", "1.5 is not a whole number.")]


def test_what_is_no_table_of_totals_is_refused():
    with pytest.raises(CrmError, match="neither"):
        read_counts(b"%PDF-1.7 \x00\x01", "report.pdf")
    with pytest.raises(CrmError, match="too large"):
        read_counts(pasted("\n".join(f"{row} 1 2" for row in range(200))), "pasted.txt")


def test_mistakes_of_a_histogram():
    assert histogram_mistakes(Counts(("Y1",), ("0", "1"), ((5, 3),))) == []
    assert told(histogram_mistakes(Counts(("Y1",), ("0", "1"), ((5, None),)))) == [
        ("Y1", "1", "Fill in a number: 0 where there is nobody.")
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((100, 80, None), []),
        ((100, 110, 90), [("C", "1", "110 after 100: customers left cannot grow.")]),
        ((100, None, 90), [("C", "1", "Fill in a number: only the end of a row may be empty.")]),
        ((0, 0, 0), [("C", "0", "A cohort starts with at least one customer.")]),
        ((None, None, None), [("C", "0", "Fill in a number: only the end of a row may be empty.")]),
    ],
)
def test_mistakes_of_survivors(cells, said):
    assert told(survivor_mistakes(Counts(("C",), ("0", "1", "2"), (cells,)))) == said


def test_the_address_holds_the_cells_and_nothing_else_is_read_from_it():
    cells = ((100, 80, None), (90, None, None))
    assert read_written(written(Counts(("a", "b"), ("0", "1", "2"), cells))) == cells
    for wrong in ("", "5.-3", "5.x", "5.3~4", "1" * 20, ".".join(["1"] * 100)):
        assert read_written(wrong) is None
