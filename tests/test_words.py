"""Whatever a person can read has a Chinese line."""

import re
import tomllib
from pathlib import Path

from crm.analytics.segments import DEFAULT_SEGMENTS
from crm.customers.imports.fields import HEADINGS
from crm.customers.queries.listing import COLUMNS
from crm.customers.queries.statistics import DIMENSIONS
from crm.tables import labels, metadata
from crm.ui.audit import ACTIONS
from crm.ui.menu import PAGES
from crm.words import english_label
from crm.words.catalogue import ZH, chinese
from crm.words.collect import assembled_words, literal_words, unseen_words

ROOT = Path(__file__).parents[1]
DEMO = sorted(ROOT.glob("crm/demo/*.py"))
SOURCE = sorted({*ROOT.glob("crm/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "Home.py"} - set(DEMO))

TOLD = {
    "crm/ui/desk.py: title": "what page() is called with",
    "crm/ui/form.py: info.description": "what Field() is called with",
    "crm/ui/form.py: info.title": "what Field() is called with",
    "crm/ui/form.py: str(error)": "of the validators, asked for below",
    "crm/ui/frame.py: spec.section": "of the menu, asked for below",
    "crm/ui/frame.py: spec.title": "of the menu, asked for below",
    "crm/ui/roi/spans.py: DEFINITIONS[Metric(metric)].says": "what Definition() is called with",
}
"""What is said although the collector cannot see the text, and why that is no hole."""

HEADS = {
    "imports": "created_at user target file_name read added changed unchanged refused",
    "exports": "created_at user what format rows filters",
    "absent": "name role unit last_sign_in_at days",
    "collisions": "name owner board because",
    "duplicates": "phone name similar contact",
    "rows of a file": "new changed unchanged refused row column value reason field before after key",
    "freshness": "last_order last_import",
    "drawn by lot": "days_since_drawing no_difference percentage_points proposed control",
    "charts": "period revenue last_year expected_next today recency frequency age_in_months median count",
}
"""Columns that no list in a page names, because a whole frame is shown, and codes that stand in the data alone."""


def missing(words: set[str]) -> list[str]:
    return sorted(words - chinese().keys())


def test_every_text_in_the_source_has_a_chinese_line():
    assert missing(literal_words(SOURCE) | literal_words(DEMO)) == []


def test_no_text_is_said_unseen():
    """Else the test above would say nothing about it: write the text, or a table of texts, in the file that says it."""
    found = {place.removeprefix(f"{ROOT}/") for place in unseen_words(SOURCE)}
    found = {place for place in found if place.startswith(("crm/ui/", "pages/"))}
    assert found - TOLD.keys() == set()
    assert TOLD.keys() - found == set(), "no longer said: take it out of the list"


def test_every_column_and_code_has_a_chinese_line():
    assert missing(labels()) == []


def test_what_the_menu_says_has_a_chinese_line():
    assert missing({text for page in PAGES for text in (page.title, page.section)}) == []


def test_what_the_validators_of_inputs_refuse_has_a_chinese_line():
    files = [file for file in SOURCE if "field_validator" in file.read_text(encoding="utf-8")]
    refused = {text for file in files for text in re.findall(r'raise ValueError\("([^"]+)"\)', file.read_text(encoding="utf-8"))}
    assert refused and missing(refused) == []


def test_what_the_tables_refuse_has_a_chinese_line():
    says = [table.info.get("says", {}) for table in metadata.tables.values()]
    assert missing({text for told in says for text in told.values()}) == []


def test_every_head_of_a_table_has_a_chinese_line():
    heads = {name for columns in HEADS.values() for name in columns.split()}
    codes = {*COLUMNS, *DIMENSIONS, *HEADINGS, *ACTIONS, *(segment.key for segment in DEFAULT_SEGMENTS)}
    assert missing({english_label(name) for name in heads | codes}) == []


def test_no_text_is_put_together_on_the_spot():
    assert sorted(assembled_words(SOURCE)) == []


def test_both_languages_name_the_same_values():
    def values(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)", text))

    assert {english for english, zh in chinese().items() if values(english) != values(zh)} == set()


def test_no_chinese_line_is_empty():
    assert [english for english, zh in chinese().items() if not zh.strip()] == []


def test_the_lines_are_in_order_so_that_two_people_can_add_to_them():
    lines = [line for line in ZH.read_text(encoding="utf-8").splitlines() if line.startswith('"')]
    assert lines == sorted(lines), "order the lines of zh.toml: LC_ALL=C sort"
    assert list(tomllib.loads(ZH.read_text(encoding="utf-8"))) == ["words"]
