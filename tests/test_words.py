"""Whatever a person can read has a Chinese line."""

import importlib
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from crm.words import english_label
from crm.words.catalogue import ZH, chinese
from crm.words.collect import assembled_words, literal_words

ROOT = Path(__file__).parents[1]
SOURCE = sorted(file for file in [*ROOT.glob("crm/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "Home.py"] if file.exists())


def test_every_text_in_the_source_has_a_chinese_line():
    assert sorted(literal_words(SOURCE) - chinese().keys()) == []


def test_every_column_and_code_has_a_chinese_line():
    """crm.tables.labels() names the columns of the mapped tables and the codes of their enums."""
    tables = importlib.import_module("crm.tables") if importlib.util.find_spec("crm.tables") else None
    if not hasattr(tables, "labels"):
        pytest.skip("crm.tables.labels() is not there yet")
    assert sorted({english_label(name) for name in tables.labels()} - chinese().keys()) == []


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
