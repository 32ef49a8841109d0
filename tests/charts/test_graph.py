import re

import pandas as pd

from crm import charts
from crm.charts.theme import DARK, EVERGREEN

CONTACTS = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "name": ["王小明", 'Anna "A" \\', "two\nlines", "<b>{x}</b>"],
        "title": ["总经理", None, "Buyer", ""],
        "reports_to_id": [None, 1, 1, 99],
    }
)


def test_a_line_from_each_superior():
    dot = charts.reports_to_chart(CONTACTS)
    assert re.findall(r'"n(\d+)" -> "n(\d+)"', dot) == [("1", "2"), ("1", "3")]
    assert '"n1" [label="王小明\\n总经理"]' in dot


def test_a_name_cannot_break_out_of_its_quotes():
    dot = charts.reports_to_chart(CONTACTS)
    assert '"n2" [label="Anna \\"A\\" \\\\"]' in dot
    assert '"n3" [label="two\\nlines\\nBuyer"]' in dot
    assert '"n4" [label="&lt;b&gt;&#123;x&#125;&lt;/b&gt;"]' in dot
    assert dot.count("{") == dot.count("}") == 1


def test_somebody_who_reports_to_himself_is_only_a_box():
    himself = CONTACTS[:1].assign(reports_to_id=[1])
    assert "->" not in charts.reports_to_chart(himself)


def test_relations_name_their_kind_and_outline_the_centre():
    nodes = pd.DataFrame({"id": [1, 2], "name": ["Mother", "Daughter"]})
    edges = pd.DataFrame({"from_id": [1, 1], "to_id": [2, 77], "kind": ["group_member", "guarantor"]})
    dot = charts.relations_graph(nodes, edges, centre=2, ink=DARK)
    assert re.findall(r'"n1" -> .*', dot) == ['"n1" -> "n2" [label="{group_member}"]']
    assert f'"n2" [label="Daughter" color="{EVERGREEN}" penwidth="2"]' in dot
    assert f'fontcolor="{DARK.text}"' in dot


def test_nobody_is_an_empty_graph():
    dot = charts.reports_to_chart(CONTACTS[:0])
    assert dot.startswith("digraph {") and dot.endswith("}")
    assert "label" not in dot
