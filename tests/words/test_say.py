from datetime import date
from decimal import Decimal

import pytest

from crm.words import label, language, say, speaking, use_language_from


def test_the_english_text_is_the_key():
    with speaking("en"):
        assert say("Sharing") == "Sharing"
    with speaking("zh"):
        assert say("Sharing") == "客户共享"


def test_a_text_without_a_chinese_line_stays_english():
    with speaking("zh"):
        assert say("This text has no line, {name}.", name="安娜") == "This text has no line, 安娜."


def test_values_are_written_as_the_language_writes_them():
    values = {"day": date(2025, 1, 3), "limit": Decimal("15.00"), "rows": 541_909, "ok": True, "names": ["A", "B"], "gone": None}
    template = "{day} | {limit} | {rows} | {ok} | {names} | {gone}"
    with speaking("en"):
        assert say(template, **values) == "3 Jan 2025 | 15 | 541,909 | yes | A, B | –"
    with speaking("zh"):
        assert say(template, **values) == "2025-01-03 | 15 | 541,909 | 是 | A、B | –"


@pytest.mark.parametrize(("count", "text"), [(0, "0 customers"), (1, "1 customer"), (1200, "1,200 customers")])
def test_a_number_takes_its_noun_along(count, text):
    assert say("{count:customer|customers}", count=count) == text


def test_a_value_with_braces_is_not_read_as_a_template():
    assert say("{name} is taken.", name="{name.__class__}") == "{name.__class__} is taken."
    assert say("no values {at all}") == "no values {at all}"


@pytest.mark.parametrize(
    ("column", "english"),
    [
        ("last_contact", "Last contact"),
        ("owner_id", "Owner"),
        ("rfm_score", "RFM score"),
        ("id", "ID"),
        ("T", "T"),
        ("national_id", "National"),
        ("Already written", "Already written"),
    ],
)
def test_label(column, english):
    with speaking("en"):
        assert label(column) == english


def test_label_in_chinese():
    with speaking("zh"):
        assert [label("life_cycle"), label("credit_grade"), label("owner_id")] == ["客户状态", "信用等级", "负责人"]


def test_a_door_says_where_the_language_comes_from():
    spoken = ["en"]
    use_language_from(lambda: spoken[0])
    try:
        seen = []
        for tag in ("en", "zh", "zh-CN", "ZH-hans", "de"):
            spoken[0] = tag
            seen.append(language())
        assert seen == ["en", "zh", "zh", "zh", "en"]
        with speaking("zh"):
            assert language() == "zh"
        assert language() == "en"
    finally:
        use_language_from(lambda: "en")


def test_one_english_word_may_have_two_chinese_ones():
    with speaking("zh"):
        assert [label("lead"), label("lead", of="role"), label("director", of="role")] == ["线索", "团队主管", "版块负责人"]
    with speaking("en"):
        assert label("lead", of="role") == "Lead"
