"""A figure or a table is made once for the same content: never with the words, the colours or the rows of another."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest

from crm.charts import bars
from crm.ui.content import Content
from crm.ui.show import Built, _finished
from crm.ui.table import _prepared

ROWS = pd.DataFrame({"name": ["active", "lost"], "amount": [3.0, 2.0]})


def texts(dark: bool = False, spoken: str = "en", rows: pd.DataFrame = ROWS) -> str:
    built = Built(bars, rows.copy(), "name", "amount")
    return str(_finished(built, dark, spoken, None).to_dict())


def test_the_same_content_is_the_same_figure():
    first = _finished(Built(bars, ROWS.copy(), "name", "amount"), False, "en", None)
    assert _finished(Built(bars, ROWS.copy(), "name", "amount"), False, "en", None) is first


def test_another_number_language_or_background_is_another_figure():
    other = ROWS.assign(amount=[3.0, 2.5])
    assert len({texts(), texts(rows=other), texts(dark=True), texts(spoken="zh")}) == 4


def test_a_table_speaks_the_language_of_its_reader():
    asked = Content(ROWS.assign(id=[1, 2]), ["name", "amount"], {}, "CNY", {}, None, False)
    heads = [_prepared(asked, spoken)[1]["amount"]["label"] for spoken in ("en", "zh", "en")]
    assert heads[0] == heads[2] != heads[1]


def test_a_table_with_a_button_or_other_rows_is_another_one():
    frame = ROWS.assign(id=[1, 2])
    found = [
        _prepared(Content(one, ["name"], {}, None, {}, press, False), "en")[0].to_pandas()
        for one, press in ((frame, None), (frame, "Log"), (frame.assign(name=["x", "y"]), None))
    ]
    assert [list(one.columns) for one in found] == [["name"], ["press", "name"], ["name"]]
    assert [one["name"].tolist() for one in found] == [["active", "lost"], ["active", "lost"], ["x", "y"]]


def test_what_remembers_something_of_its_own_is_refused():
    mine = {"who": "one person"}

    def figure(rows: pd.DataFrame) -> object:
        return mine

    with pytest.raises((AttributeError, pickle.PicklingError)):
        Built(figure, ROWS)
