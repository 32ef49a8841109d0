"""Figures are read out by whoever shows them; here in Chinese, with the product's own words and numbers."""

import pandas as pd
import pytest

from crm import charts
from crm.charts.compare import MONTHS
from crm.charts.theme import DARK, LIGHT
from crm.words import formats, label, speaking
from crm.words.catalogue import chinese

REVENUE = pd.DataFrame({"month": pd.date_range("2025-01-01", periods=2, freq="MS"), "revenue": [1_200_000, 2_500_000]})
STATES = pd.DataFrame({"life_cycle": ["active", "lost"], "customers": [3, 1]})
NAMES = pd.DataFrame({"region": ["{revenue}"], "revenue": [1_200_000]})


def shown(figure, language, dark=False):
    with speaking(language):
        return charts.dressed(figure, dark, label, formats.short_money, formats.percent)


def test_axis_and_months_in_both_languages():
    figure = charts.columns(REVENUE, "month", "revenue")
    assert shown(figure, "zh").layout.yaxis.ticktext == ("0", "100万", "200万", "300万")
    assert shown(figure, "en").layout.yaxis.ticktext == ("0", "1M", "2M", "3M")
    assert shown(figure, "zh").layout.xaxis.ticktext == ("1月<br>2025", "2月")
    assert shown(figure, "zh").data[0].name == "销售额"


def test_parts_and_shares():
    active, _ = shown(charts.share(STATES, "life_cycle", "customers", "life_cycle"), "zh").data
    assert active.text == ("<b>活跃</b><br>75.0%",)
    assert active.hovertemplate == "<b>%{hovertext}</b><br>客户: 3<extra></extra>"


def test_a_name_that_looks_like_a_mark_stays_a_name():
    figure = shown(charts.bars(NAMES, "region", "revenue"), "zh")
    assert figure.layout.yaxis.ticktext == ("&#123;revenue&#125;",)


def test_the_key_of_a_click_is_never_translated():
    figure = shown(charts.bars(STATES, "life_cycle", "customers", "life_cycle"), "zh")
    assert list(figure.data[0].customdata) == ["active", "lost"]


def test_the_given_figure_stays_as_it_was():
    figure = charts.columns(REVENUE, "month", "revenue")
    before = figure.to_json()
    shown(figure, "zh", dark=True)
    assert figure.to_json() == before


@pytest.mark.parametrize(("dark", "ink"), [(False, LIGHT), (True, DARK)])
def test_the_figure_wears_the_theme(dark, ink):
    figure = shown(charts.columns(REVENUE, "month", "revenue"), "en", dark)
    assert figure.layout.template.layout.font.color == ink.text
    assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert '"template"' in figure.to_json()


def test_a_graph_is_read_out_as_text():
    with speaking("zh"):
        assert charts.read_out('label="{guarantor}" %{x} {=1200000} {%0.5}', label, formats.short_money, formats.percent) == (
            'label="担保人" %{x} 120万 50.0%'
        )


def test_the_words_that_figures_bring_along_are_known():
    assert {
        *MONTHS,
        "Today",
        "Expected next",
        "Median",
        "Count",
        "Age in months",
        "Comparison",
        "Target",
        "Actual",
    } <= chinese().keys()
