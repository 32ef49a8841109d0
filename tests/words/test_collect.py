from crm.words.collect import assembled_words, literal_words, unseen_words

SOURCE = '''
"""Not this docstring."""
page("Customers", needs="customers")
st.button(say("Save" if new else "Save changes"))
words.say("{count:row|rows} refused", count=3)
label("last_contact")
act(edit, chosen, done="Saved")
class Refused(CrmError): ...
class TooLate(Refused): ...
class Stale(CrmError):
    def __init__(self, who):
        super().__init__("{who} saved first.", who=who)
class Other(Exception):
    def __init__(self, who):
        super().__init__("Not this either")
def refuse(rows, template="Rows {rows} are wrong.", /): ...
refuse([1], "Rows {rows} are empty.")
raise TooLate("The {what} is closed.", what="case")
raise ValueError("For programmers only")
other("Not this")
say(f"Hello {name}")
say("Hello " + name)
'''


def test_it_finds_what_people_will_read(tmp_path):
    file = tmp_path / "page.py"
    file.write_text(SOURCE, encoding="utf-8")
    assert literal_words([file]) == {
        "Customers",
        "Save",
        "Save changes",
        "{count:row|rows} refused",
        "Last contact",
        "Saved",
        "The {what} is closed.",
        "{who} saved first.",
        "Rows {rows} are wrong.",
        "Rows {rows} are empty.",
    }


def test_it_names_texts_put_together_on_the_spot(tmp_path):
    file = tmp_path / "page.py"
    file.write_text(SOURCE, encoding="utf-8")
    assert assembled_words([file]) == {f"{file}:21", f"{file}:22"}


def test_an_error_family_spans_files(tmp_path):
    (tmp_path / "errors.py").write_text("class Gone(errors.CrmError): ...", encoding="utf-8")
    (tmp_path / "use.py").write_text('raise Gone("It is gone.")', encoding="utf-8")
    assert literal_words(sorted(tmp_path.glob("*.py"))) == {"It is gone."}


TABLES = """
TABS = ("Overview", "Orders")
_EMPTY = {"contact": "No contacts yet."} | dict.fromkeys(("b", "c"), "Nothing")
OTHER = {"x": "Never said"}
def draw(part, save="Keep"):
    for tab in TABS:
        say(tab)
    empty(_EMPTY[part])
    for cell, (page, title) in zip(cells, (("people", "People"), ("settings", "Settings"))):
        say(title)
    for name in ("order_amount", "order_count"):
        label(name)
    say(_EMPTY.get(part, "Else"))
    table(rows, columns=["last_order_on", name])
    send(form, save="Send")
    say(record.text)
    say(save)
def empty(template): ...
class Details:
    unit: str = Field(None, title="Unit of measure", description="Piece, hour")
"""


def test_it_follows_tables_of_texts_and_loops_over_them(tmp_path):
    file = tmp_path / "page.py"
    file.write_text(TABLES, encoding="utf-8")
    sentences = {"Overview", "Orders", "No contacts yet.", "Nothing", "People", "Settings", "Else", "Keep", "Send"}
    names = {"Order amount", "Order count", "Last order on"}
    assert literal_words([file]) == sentences | names | {"Unit of measure", "Piece, hour"}


def test_it_names_what_is_said_without_being_written(tmp_path):
    file = tmp_path / "page.py"
    file.write_text(TABLES, encoding="utf-8")
    assert unseen_words([file]) == {f"{file}: record.text"}
