"""Files as they come: encodings, separators, quotes, titles, and what is no table at all."""

import gzip
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from crm.exchange.errors import ExchangeError
from crm.exchange.reading import FileFormat, read_table, sniff

CHINESE = "客户名称,联系人,城市\n上海电气集团,王小明,上海\n中国建筑第三工程局,李娜,武汉\n"
WESTERN = "name,city\nMüller & Söhne,Köln\nCafé Noël,Besançon\nPeña e Hijos,Málaga\nINFORMAÇÃO LTDA,SÃO PAULO\n"


def cells(data: bytes, name: str = "file.csv", **options) -> list[list[str | None]]:
    frame = read_table(data, name, **options).frame
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


def refusal(data: bytes, name: str = "file.csv", **options) -> str:
    with pytest.raises(ExchangeError) as error:
        read_table(data, name, **options)
    assert error.value.template.format(**error.value.values) == str(error.value)
    return str(error.value)


def book(*rows, title="Sheet1", **sheets) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    for name, others in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in others:
            sheet.append(row)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "utf-16"),
        (CHINESE.encode("utf-32"), "utf-32"),
        (b"\x00\x00\xfe\xff" + CHINESE.encode("utf-32-be"), "utf-32"),
        (CHINESE.encode("utf-16-le"), "utf-16-le"),
        (CHINESE.encode("utf-16-be"), "utf-16-be"),
        (CHINESE.encode("gb18030"), "gb18030"),
    ],
)
def test_chinese_in_every_encoding(data, encoding):
    assert sniff(data, "file.csv").encoding == encoding
    table = read_table(data, "file.csv")
    assert list(table.frame) == ["客户名称", "联系人", "城市"]
    assert table.frame["城市"].tolist() == ["上海", "武汉"]


@pytest.mark.parametrize(
    "text",
    [
        WESTERN,
        "name\nGröße\n",
        "name,price\nRosé,£12\n",
        "name\nIt’s “new”\n",
        "a,b\nº,x\n",
        "name\nNaïve Ångström\n",
        "name\nÇA VA ŒUVRE\n",
        "name\nKröger\nMüller\nÀÉ\n",
        "name\nMAÇÃ\n",
        "name,n\nJosé,1\nÖÄÜ,2\n",
    ],
)
def test_western_words_are_not_taken_for_chinese(text):
    data = text.encode("cp1252")
    assert sniff(data, "file.csv").encoding == "cp1252"
    assert read_table(data, "file.csv").frame.iloc[0, 0] == text.split("\n")[1].split(",")[0]


@pytest.mark.parametrize(
    "text",
    [
        "名称\n上海\n",
        "name,city\nVIP卡,北京\n",
        "name\nT恤\n",
        "product,note\nA4纸,每箱5包\n打印机HP1020,含墨盒\n",
        "姓名,电话\n朱镕基,010\n王堃,021\n李喆,022\n",
        "name,level\n龍騰貿易,A級\n瀋陽機床,B級\n中國銀行,A級\n",
    ],
)
def test_chinese_words_are_not_taken_for_western(text):
    data = text.encode("gb18030")
    assert sniff(data, "file.csv").encoding == "gb18030"
    assert read_table(data, "file.csv").frame.iloc[0, 0] == text.split("\n")[1].split(",")[0]


def test_one_late_western_letter_decides_the_encoding():
    data = b"name,city\n" + b"Smith,London\n" * 300_000 + "Müller,Köln\n".encode("cp1252")
    assert sniff(data, "file.csv").encoding == "cp1252"


def test_bytes_that_windows_does_not_know_are_latin_1():
    data = "name\nMüller\n".encode("cp1252") * 200_000 + b"\x81\n"
    assert sniff(data, "file.csv").encoding == "latin-1"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator):
    rows = [["name", "amount", "note"], ["Ann", "1", "x"], ["Ben", "2", "y"]]
    data = "\n".join(separator.join(row) for row in rows).encode()
    assert sniff(data, "file.csv").separator == separator
    assert cells(data) == rows[1:]


def test_decimal_commas_do_not_pass_for_separators():
    data = b"Name;Umsatz\n" + b"A;1,5\n" * 200
    assert sniff(data, "file.csv").separator == ";"


def test_the_separator_that_excel_states_is_believed_and_is_no_row():
    table = read_table(b"sep=;\nname;note\nAnn;a,b\n", "file.csv")
    assert table.frame.to_dict("list") == {"name": ["Ann"], "note": ["a,b"]}
    assert list(table.line_numbers) == [3]


def test_a_tsv_file_keeps_its_commas():
    assert cells(b"name\nSmith, John\nDoe, Jane\n", "people.tsv") == [["Smith, John"], ["Doe, Jane"]]


def test_quotes_line_breaks_and_the_line_numbers_a_person_sees():
    table = read_table(b'name,note\nAnn,"two\nlines, ""quoted"""\n\n,\nBen,5" pipe\n', "file.csv")
    assert table.frame["note"].tolist() == ['two\nlines, "quoted"', '5" pipe']
    assert list(table.line_numbers) == [2, 6]


def test_a_limit_reads_only_the_first_rows():
    assert cells(b"n\n1\n2\n3\n", limit=2) == [["1"], ["2"]]
    assert cells(b"n\n" + b"1\n" * 100, limit=50) == [["1"]] * 50


def test_empty_cells_are_missing_and_spaces_stay():
    assert cells(b"a,b,c\n1,, x \n") == [["1", None, " x "]]


def test_rows_with_too_many_or_too_few_cells_are_problems_not_crashes():
    table = read_table(b"a,b,c\n1,2,3\n4,5\n6,7,8,9,10\n1,2,3,,\n", "file.csv")
    found = [(p.row, p.reason_template.format(**p.reason_values)) for p in table.problems.itertuples()]
    assert found == [(3, "The row has 2 cells, the header has 3."), (4, "The row has 5 cells, the header has 3.")]
    assert table.extra == {4: ("9", "10")}
    assert table.frame.loc[4].tolist() == ["6", "7", "8"]


def test_headers_are_trimmed_named_by_place_or_refused():
    assert list(read_table(b" name ,b,,d\n1,2,3,4\n", "f.csv").frame) == ["name", "b", "column 3", "d"]
    assert refusal(b"name,b,name\n1,2,3\n") == "Column name appears twice."


def test_a_title_above_the_header_is_left_out():
    table = read_table(b"Customer list 2011\n\nname,city,phone\nAnn,Rome,1\nBen,Oslo,2\n", "file.csv")
    assert list(table.frame) == ["name", "city", "phone"]
    assert list(table.line_numbers) == [4, 5]


def test_a_file_without_header_is_noticed():
    data = b"536365,LANTERN,6,2010-12-01,ann@example.com\n536366,HEART,8,2010-12-02,ben@example.com\n"
    assert not sniff(data, "file.csv").has_header
    table = read_table(data, "file.csv")
    assert list(table.frame)[:2] == ["column 1", "column 2"]
    assert list(table.line_numbers) == [1, 2]


def test_years_as_headers_are_headers():
    assert sniff(b"name,2010,2011\nAnn,1,2\nBen,3,4\n", "file.csv").has_header


def test_the_format_can_be_given():
    given = FileFormat("csv", encoding="cp1252", separator=";", has_header=False)
    assert cells("Müller;1\n".encode("cp1252"), format=given) == [["Müller", "1"]]
    wrong = FileFormat("csv", encoding="utf-8", separator=";")
    assert "not written in utf-8" in refusal("name\nMüller\n".encode("cp1252"), format=wrong)


def test_gzip_is_unpacked_but_never_beyond_the_limit():
    packed = gzip.compress(CHINESE.encode())
    assert sniff(packed, "file.csv.gz").compressed
    assert len(cells(packed)) == 2
    bomb = gzip.compress(b"a,b\n" * 1_000_000)
    assert refusal(bomb, most_bytes=1024**2) == "The unpacked file is larger than 1 MB."
    assert refusal(packed[:-12]) == "The compressed file is damaged."


def test_a_workbook_bomb_is_refused():
    assert "larger than 0 MB" in refusal(book(["name"], *[["x"]] * 1000), "file.xlsx", most_bytes=1000)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "The old Excel format (.xls) cannot be read: save the file as .xlsx."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "The Excel file is protected by a password: save it without one.",
        ),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x01", "This is neither a text file nor an Excel file."),
        (b"%PDF-1.7\nhello", "This is neither a text file nor an Excel file."),
        (bytes(1000), "This is neither a text file nor an Excel file."),
        (b"a,b\n1,\x0023\n", "This is neither a text file nor an Excel file."),
        (b"a,b\n" + b"1,2\n" * 50_000 + b"\x00,1\n", "Line 50002 holds binary data, not text."),
        (b"<html><table>", "This is a web page or XML, not a table: open it in Excel and save it as .xlsx."),
        (b'a,b\n1,2\n3,"4\n5,6\n', "The quotation mark opened in line 3 is never closed."),
        (b"PK\x03\x04 rest is missing", "The Excel file is damaged."),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(data, sentence):
    assert refusal(data) == sentence


def archive(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return target.getvalue()


def test_archives_that_are_no_workbooks_are_refused():
    assert "unpack it" in refusal(archive("customers.csv"), "customers.zip")
    assert "(.xlsb)" in refusal(archive("[Content_Types].xml", "xl/workbook.bin"), "customers.xlsb")
    assert refusal(archive("[Content_Types].xml", "xl/workbook.xml"), "c.xlsx") == "The Excel file is damaged."


def test_a_workbook_gives_dates_numbers_and_row_numbers():
    rows = [
        ["客户名单"],
        [],
        ["Name", "Since", "Last order", "Amount", "Phone", "Active"],
        ["Ann", date(2011, 12, 9), datetime(2011, 12, 9, 8, 26), 0.1 + 0.2, 13800000000.0, True],
        [],
        ["Ben", None, None, 1e20, "0049", False],
    ]
    data = book(*rows)
    assert sniff(data, "list.xlsx").kind == "xlsx"
    table = read_table(data, "list.xlsx")
    assert list(table.line_numbers) == [4, 6]
    assert cells(data) == [
        ["Ann", "2011-12-09", "2011-12-09 08:26:00", "0.3", "13800000000", "TRUE"],
        ["Ben", None, None, "100000000000000000000", "0049", "FALSE"],
    ]


def test_a_sheet_is_chosen_by_name_and_the_first_visible_one_otherwise():
    data = book(["first"], ["1"], Second=[["second"], ["2"]])
    assert sniff(data, "b.xlsx").sheets == ("Sheet1", "Second")
    assert list(read_table(data, "b.xlsx").frame) == ["first"]
    assert list(read_table(data, "b.xlsx", sheet="Second").frame) == ["second"]
    assert refusal(data, "b.xlsx", sheet="Third") == "The file has no sheet Third; it has: Sheet1, Second."


def test_cells_beside_a_sheet_header_make_columns_without_a_name():
    data = book(["a", "b"], ["1", "2"], ["3", "4", "5"])
    table = read_table(data, "b.xlsx")
    assert list(table.frame) == ["a", "b", "column 3"]
    assert table.problems.empty


def test_more_rows_than_a_sheet_may_have_are_refused(monkeypatch):
    monkeypatch.setattr("crm.exchange.workbook.MOST_ROWS", 10)
    assert refusal(book(["n"], *[[str(i)] for i in range(20)]), "b.xlsx") == "The sheet has more than 10 rows: save it as CSV."


def test_a_path_reads_as_its_bytes_do(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(CHINESE.encode("gb18030"))
    assert read_table(path, path.name).frame.equals(read_table(path.read_bytes(), path.name).frame)
