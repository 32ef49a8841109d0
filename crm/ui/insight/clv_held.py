"""What the lab of this browser has read and fitted, so that looking at it from another side computes nothing anew."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from crm.access import Actor
from crm.insight.queries import Population, purchases
from crm.insight.queries.lab import Fit, Lab, LabPlan, SpendFit, fit_again, fit_spend, hold_contest, whole_history
from crm.ui.desk import in_scope, me

KEY = "_clv_lab"
SECONDS = 60.0
"""So long a fit outlives a change of the data: others write all day, and an analyst compares."""


@dataclass
class Held:
    """One population's purchases as one person sees them, the last contest on them, and the fits to all of them."""

    actor: Actor
    population: Population
    data_version: str
    at: float
    bought: pd.DataFrame
    labs: dict[LabPlan, Lab] = field(default_factory=dict)
    fits: dict[str, Fit] = field(default_factory=dict)
    spend_fit: SpendFit | None = None
    summary: pd.DataFrame | None = None

    @property
    def first(self) -> dt.date:
        day: dt.date = self.bought["date"].min().date()
        return day

    @property
    def last(self) -> dt.date:
        day: dt.date = self.population.until or self.bought["date"].max().date()
        return day

    def lab(self, plan: LabPlan) -> Lab:
        if plan not in self.labs:
            self.labs = {plan: hold_contest(self.bought, plan)}
        return self.labs[plan]

    @property
    def whole(self) -> pd.DataFrame:
        """Everybody's history until the last day."""
        if self.summary is None:
            self.summary = whole_history(self.bought, self.last)
        return self.summary

    def again(self, name: str) -> Fit:
        """The model on the whole history."""
        if name not in self.fits:
            self.fits[name] = fit_again(name, self.whole)
        return self.fits[name]

    @property
    def spend(self) -> SpendFit:
        if self.spend_fit is None:
            self.spend_fit = fit_spend(self.whole)
        return self.spend_fit


def held(population: Population) -> Held:
    """Of the person at this browser; read anew for another population or person, or when the data have changed for a minute."""
    person, found = me(), st.session_state.get(KEY)
    if isinstance(found, Held) and (found.actor, found.population) == (person.actor, population):
        changed = found.data_version != person.data_version
        if not changed or time.monotonic() - found.at < SECONDS:
            return found
    version, at = person.data_version, time.monotonic()
    found = Held(person.actor, population, version, at, in_scope(purchases, population))
    st.session_state[KEY] = found
    return found
