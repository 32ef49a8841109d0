"""Refused rows go back as a file, are mended, and come in."""

from crm.exchange.fields import Field
from crm.exchange.mapping import Mapping, apply
from crm.exchange.reading import REASON, read_table
from crm.exchange.refused import refused_file
from crm.exchange.writing import to_csv, to_xlsx

FIELDS = [Field("name", required=True), Field("amount", "integer", minimum=-10)]
MAPPING = Mapping(name="m", target="t", columns={"name": "Name", "amount": "Amount"})
FILE = b"Amount,Name,Note\n1,Ann,=SUM(A1)\nx,, kept as it is \n-50,Ben,'quoted\n7,Cid,a,b\n"


def refused_of(data: bytes, name: str = "f.csv", **options):
    table = read_table(data, name)
    return refused_file(table, apply(table, MAPPING, FIELDS).problems, **options)


def saved(frame) -> dict[str, bytes]:
    labels = {name: name for name in frame}
    return {"f.csv": to_csv(frame, labels), "f.xlsx": to_xlsx(frame, labels, "Refused")}


def test_refused_rows_are_untouched_and_say_why():
    refused = refused_of(FILE)
    assert list(refused) == ["Amount", "Name", "Note", "extra cell 1 (import)", REASON]
    assert refused.loc[3, ["Amount", "Note"]].tolist() == ["x", " kept as it is "]
    assert refused[REASON].to_dict() == {
        3: "Name: A value is required. Amount: x is not a number.",
        4: "Amount: -50 is less than -10.",
        5: "The row has 4 cells, the header has 3.",
    }


def test_reasons_are_said_in_the_readers_language():
    def say(template: str, **values: object) -> str:
        return {"{value} is less than {minimum}.": "{value} 小于 {minimum}。"}.get(template, template).format(**values)

    assert refused_of(FILE, say=say).loc[4, REASON] == "Amount: -50 小于 -10。"


def test_the_saved_file_reads_as_the_rows_it_came_from():
    original = read_table(FILE, "f.csv").frame.loc[[3, 4, 5]]
    for name, data in saved(refused_of(FILE)).items():
        again = read_table(data, name)
        assert again.frame.to_numpy(na_value="").tolist() == original.to_numpy(na_value="").tolist()
        assert again.extra == {4: ("b",)}
        assert apply(again, MAPPING, FIELDS).rows.empty


def test_mended_rows_come_in():
    data = saved(refused_of(FILE))["f.csv"].decode("utf-8-sig")
    mended = data.replace("x,,", "5,Dan,").replace("-50,", "-5,").replace("a,b,", "a,,")
    table = read_table(mended.encode(), "f.csv")
    checked = apply(table, MAPPING, FIELDS)
    assert checked.problems.empty
    assert checked.rows["name"].tolist() == ["Dan", "Ben", "Cid"]


def test_a_column_of_the_file_may_be_called_reason():
    data = b"Amount,Name,reason\nx,Ann,broken\n"
    refused = refused_of(data)
    assert list(refused) == ["Amount", "Name", "reason", REASON]
    assert list(read_table(saved(refused)["f.csv"], "f.csv").frame) == ["Amount", "Name", "reason"]


def test_nothing_refused_is_an_empty_file():
    assert refused_of(b"Amount,Name\n1,Ann\n").empty
