"""When a clock turns amber and red, and a line of the table of complaints: set once by the firm."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import Field

from crm.editing import Input
from crm.errors import Invalid
from crm.support.models import Colour

KEY = "support.colours"


class ColourRules(Input):
    amber: float = Field(0.6, gt=0, lt=1, description="Share of the time allowed from which a clock is amber.")
    red: float = Field(0.85, gt=0, lt=1, description="Share of the time allowed from which it is red.")
    complaints_amber: float = Field(0.2, gt=0, lt=1, description="Share of all complaints from which a line is amber.")
    complaints_red: float = Field(0.4, gt=0, lt=1, description="Share of all complaints from which it is red.")

    def check(self) -> None:
        if self.amber >= self.red or self.complaints_amber >= self.complaints_red:
            raise Invalid("Amber must begin before red.", field="red")

    def of_clocks(self, share: pd.Series) -> pd.Series:
        """Share of the time used -> a Colour; missing where nothing was promised."""
        return _colours(share, self.amber, self.red)

    def of_complaints(self, share: pd.Series) -> pd.Series:
        """Share of all complaints -> a Colour."""
        return _colours(share, self.complaints_amber, self.complaints_red)


def _colours(share: pd.Series, amber: float, red: float) -> pd.Series:
    values = share.to_numpy(dtype="float64")
    found = np.where(values >= red, Colour.RED.value, np.where(values >= amber, Colour.AMBER.value, Colour.GREEN.value))
    told = found.astype(object)
    told[np.isnan(values)] = None
    return pd.Series(told, index=share.index, dtype="object")
