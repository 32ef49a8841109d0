import json
from pathlib import Path

import pytest

from crm.analytics.errors import AnalyticsError
from crm.analytics.segments import DEFAULT_SEGMENTS, Segment, segments_from_dicts, segments_to_dicts


def test_the_rules_survive_being_stored_as_json():
    assert segments_from_dicts(json.loads(json.dumps(segments_to_dicts(DEFAULT_SEGMENTS)))) == DEFAULT_SEGMENTS


def test_a_range_left_out_covers_all_scores():
    (rule,) = segments_from_dicts([{"key": "vip", "label": "VIP", "m": [5, 5]}])
    assert rule == Segment("vip", "VIP", r=(1, 5), f=(1, 5), m=(5, 5))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"label": "VIP"}, "no key"),
        ({"key": "vip"}, "vip has no label"),
        ({"key": "vip", "label": "VIP", "r": [5, 4]}, "vip: r must be"),
        ({"key": "vip", "label": "VIP", "f": [0, 4]}, "vip: f must be"),
        ({"key": "vip", "label": "VIP", "m": [1, 6]}, "vip: m must be"),
        ({"key": "vip", "label": "VIP", "m": [1.5, 3]}, "vip: m must be"),
        ({"key": "vip", "label": "VIP", "m": "high"}, "vip: m must be"),
        ({"key": "vip", "label": "VIP", "m": 5}, "vip: m must be"),
        ({"key": "vip", "label": "VIP", "spend": [1, 2]}, "vip has unknown fields: spend"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(rule, message):
    with pytest.raises(AnalyticsError, match=message):
        segments_from_dicts([rule])


def test_the_same_key_twice_is_refused():
    with pytest.raises(AnalyticsError, match="vip stands here twice"):
        segments_from_dicts([{"key": "vip", "label": "VIP"}, {"key": "vip", "label": "Also VIP"}])


def test_the_documentation_prints_the_default_rules():
    text = (Path(__file__).parents[2] / "docs" / "analytics.md").read_text(encoding="utf-8")
    for rule in DEFAULT_SEGMENTS:
        ranges = {"r": rule.r, "f": rule.f, "m": rule.m}
        spelled = [
            f"{name} {low}-{high}" if low < high else f"{name} {low}"
            for name, (low, high) in ranges.items()
            if (low, high) != (1, 5)
        ]
        line = next(line for line in text.splitlines() if line.startswith(f"| {rule.label.lower()} |"))
        assert line.endswith(f"| {', '.join(spelled)} |")
