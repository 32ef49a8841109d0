import json
from itertools import combinations

import pandas as pd
import pytest

from crm import charts
from crm.charts.flow import squarified
from crm.charts.theme import colour_of

CELLS = pd.DataFrame({"r": [1, 5, 5], "f": [1, 1, 5], "customers": [30, 20, 10], "revenue": [90.0, 2000.0, 90_000.0]})
SEGMENTS = pd.DataFrame(
    {
        "segment": ["champions", "loyal", "lost", "new"],
        "customers": [60, 30, 10, 0],
        "revenue": [100.0, 900.0, 0.0, 0.0],
        "share": [0.6, 0.3, 0.1, 0.0],
        "share_revenue": [0.1, 0.9, 0.0, 0.0],
    }
)
MOVED = pd.DataFrame(
    {"before": ["champions", "champions", "not_yet_customer"], "after": ["champions", "lost", "new"], "customers": [50, 8, 20]}
)
ORDER = ["not_yet_customer", "champions", "new", "lost"]


def test_the_value_asked_for_stands_first_and_gives_the_colour():
    first = {value: charts.rfm_cells(CELLS, value).data[0] for value in ("customers", "revenue", "mean")}
    assert {value: heat.z[0][0] for value, heat in first.items()} == {"customers": 30, "revenue": 90, "mean": 3}
    assert first["customers"].text[4][4] == "<b>10</b><br>{=90000.0}"
    assert first["revenue"].text[4][4] == "<b>{=90000.0}</b><br>10"
    assert first["mean"].text[4][4] == "<b>{=9000.0}</b><br>10"


def test_every_cell_can_be_clicked_and_the_picked_ones_are_outlined():
    figure = charts.rfm_cells(CELLS, "customers", ["5-1"])
    heat, bars = figure.data
    assert heat.hoverinfo == "skip"
    assert [list(data) for data in bars.customdata if data[2]] == [[1, 1, 30, 90], [5, 1, 20, 2000], [5, 5, 10, 90_000]]
    assert [(x, base) for x, base, data in zip(bars.x, bars.base, bars.customdata, strict=True) if data[2] == 10] == [(5, 4.5)]
    (outline,) = figure.layout.shapes
    assert outline.x0 < 5 < outline.x1 and outline.y0 < 1 < outline.y1


def test_a_treemap_fills_its_area_in_fixed_colours():
    (boxes,) = charts.treemap(SEGMENTS, "customers", ["lost"]).data
    assert [data[0] for data in boxes.customdata] == ["champions", "loyal", "lost"]
    assert list(boxes.marker.color) == [colour_of("segment", name) for name in ("champions", "loyal", "lost")]
    assert list(boxes.marker.line.width) == [0, 0, 4]
    assert boxes.text[0] == "<b>{segment:champions}</b><br>{=60.0} · {%0.6}"
    (by_revenue,) = charts.treemap(SEGMENTS, "revenue").data
    assert [data[0] for data in by_revenue.customdata] == ["loyal", "champions"]


@pytest.mark.parametrize("sizes", [[1], [6, 6, 4, 3, 2, 2, 1], [1000, 1, 1], [5] * 11])
def test_boxes_are_as_large_as_what_they_stand_for_and_do_not_overlap(sizes):
    boxes = squarified(sizes, 2.2, 1.0)
    whole = sum(sizes)
    for size, (x, y, width, height) in zip(sizes, boxes, strict=True):
        assert width * height == pytest.approx(2.2 * size / whole)
        assert x > -1e-9 and y > -1e-9 and x + width < 2.2 + 1e-9 and y + height < 1 + 1e-9
    for (x, y, w, h), (a, b, c, d) in combinations(boxes, 2):
        assert min(x + w, a + c) - max(x, a) < 1e-9 or min(y + h, b + d) - max(y, b) < 1e-9


def test_who_stayed_stands_on_the_diagonal():
    figure = charts.migration(MOVED, ORDER, ["champions>lost"])
    heat, bars = figure.data
    assert list(figure.layout.yaxis.ticktext) == ["{segment:not_yet_customer}", "{segment:champions}"]
    assert list(figure.layout.xaxis.ticktext) == ["{segment:champions}", "{segment:new}", "{segment:lost}"]
    assert [list(row) for row in heat.z] == [[None, 20, None], [50, None, 8]]
    assert [list(data) for data in bars.customdata][5] == ["champions", "lost", 8]
    assert bars.hovertext[5] == "{segment:champions} → {segment:lost}"
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].y0) == (1.52, 0.53)


def test_streams_join_both_days():
    (sankey,) = charts.flows(MOVED, ORDER).data
    assert list(sankey.node.label) == [
        "{segment:not_yet_customer} 20",
        "{segment:champions} 58",
        "{segment:champions} 50",
        "{segment:new} 20",
        "{segment:lost} 8",
    ]
    assert list(zip(sankey.link.source, sankey.link.target, sankey.link.value, strict=True)) == [
        (1, 2, 50),
        (1, 4, 8),
        (0, 3, 20),
    ]
    assert sankey.node.color[1] == colour_of("segment", "champions")
    left, right = sankey.node.y[:2], sankey.node.y[2:]
    assert list(left) == sorted(left) and list(right) == sorted(right) and left[0] > 0 and right[-1] < 1


def test_nothing_to_draw_is_an_empty_figure():
    figures = [
        charts.rfm_cells(CELLS[:0], "customers"),
        charts.treemap(SEGMENTS[:0], "customers"),
        charts.migration(MOVED[:0], ORDER),
        charts.flows(MOVED[:0], ORDER),
    ]
    assert [json.loads(figure.to_json())["data"] for figure in figures] == [[]] * 4
