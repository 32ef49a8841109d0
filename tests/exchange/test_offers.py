import io

import openpyxl

from crm.exchange.offers import Column, offer_xlsx

COLUMNS = [Column("#", 6), Column("Description", 40), Column("Quantity", 10, "#,##0.##"), Column("Amount", 14, "#,##0.00")]


def sheet(rows=(("1", "Drill", 2, 240.5),), notes="", facts=(("Quote", "Q-1"), ("Customer", "Aurora"))):
    file = offer_xlsx("Quotation", facts, COLUMNS, rows, ("Total EUR", 240.5), notes)
    return openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]


def test_it_reads_from_above_to_below():
    cells = [[cell.value for cell in row if cell.value is not None] for row in sheet(notes="30 days").iter_rows()]
    assert [row for row in cells if row] == [
        ["Quotation"],
        ["Quote", "Q-1", "Customer", "Aurora"],
        ["#", "Description", "Quantity", "Amount"],
        ["1", "Drill", 2, 240.5],
        ["Total EUR", 240.5],
        ["30 days"],
    ]


def test_numbers_stay_numbers_with_their_format():
    amount = next(cell for row in sheet().iter_rows() for cell in row if cell.value == 240.5)
    assert (amount.number_format, amount.alignment.horizontal) == ("#,##0.00", "right")


def test_it_prints_as_wide_as_a_page_and_as_long_as_it_needs():
    made = sheet(rows=[(str(place), "Drill", 1, 10) for place in range(200)])
    assert (made.page_setup.fitToWidth, made.page_setup.fitToHeight) == (1, 0)
    assert made.print_title_rows == "$5:$5"


def test_what_a_person_typed_runs_nothing():
    made = sheet(rows=[("1", "=HYPERLINK(1)", 1, 10)], notes="+1")
    assert all(cell.data_type != "f" for row in made.iter_rows() for cell in row)
