"""What every figure starts from."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from crm.charts.language import short
from crm.charts.theme import NEUTRAL

ROW = 30
HIDDEN = {"visible": False}
THIN = {"line": {"color": NEUTRAL, "width": 1}}
SMALL = {"showarrow": False, "font": {"size": 12, "color": NEUTRAL}}


def drawn(height: int, traces: Sequence[Any] = (), **layout: Any) -> go.Figure:
    """A figure in one step, which costs plotly a third of adding to it. Without traces: nothing to draw, and valid."""
    bare = {"template": "none", "height": height, "xaxis": HIDDEN, "yaxis": HIDDEN}
    return go.Figure(list(traces), bare | layout)


def floats(values: Any) -> npt.NDArray[np.float64]:
    """Decimals, whole numbers and gaps as floats."""
    return pd.Series(values, dtype="float64").to_numpy() if len(values) else np.zeros(0)


def plain(values: Any) -> list[Any]:
    """Values that JSON knows, for customdata: dates as ISO text, numpy numbers as Python's."""
    return [value.isoformat()[:10] if isinstance(value, date) else value for value in pd.Series(values, dtype=object).tolist()]


def value_axis(low: float, high: float) -> dict[str, Any]:
    """About four round ticks from zero's side to the far end, written as short numbers in the reader's language."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = _round_step((high - low) / 4)
    ticks = np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step
    inside = [float(tick) for tick in ticks if low - step / 2 <= tick <= high + step / 2]
    reach = [low - step * 0.35 if low < 0 else 0, high + step * 0.35]
    return {"visible": True, "tickvals": inside, "ticktext": [short(tick) for tick in inside], "range": reach}


def _round_step(rough: float) -> float:
    if rough <= 0:
        return 1.0
    size = 10.0 ** np.floor(np.log10(rough))
    return float(next(factor * size for factor in (1, 2, 2.5, 5, 10) if rough <= factor * size * 1.001))
