from crm.words.collect import assembled_words, literal_words

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
