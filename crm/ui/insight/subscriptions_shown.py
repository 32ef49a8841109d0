"""What is known and said of contracts: survival, renewal rates, the value that is left; which model fits, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm.analytics.clv.contracts import RetentionFit, cohort_survival, residual_lifetimes, survival_table
from crm.analytics.clv.contractual import BetaDiscreteWeibull
from crm.charts import survival as charts
from crm.customers.filters import CustomerFilter
from crm.insight.queries.subscriptions import COLUMNS, GRACE_DAYS
from crm.ui.insight.about import about, titled
from crm.ui.insight.clv_words import SIGNS
from crm.ui.insight.selected import selected
from crm.ui.show import show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import MISSING, money, number, percent

STEP = 0.1
BAND = 0.8
DIAGNOSES = {
    "interior": "The best parameters are clearly best.",
    "homogeneous churn": "All leave at one rate, as far as one can see: single parameters say nothing.",
    "polarised churn": "Some leave at once, the rest never, as far as one can see: single parameters say nothing.",
    "nobody left": "Nobody has left: there is nothing to learn from yet.",
    "duration dependence at its limit": "Nearly all leave at one certain renewal: do not trust this model.",
    "flat likelihood": "Many parameters fit equally well, so there are no intervals.",
}


@dataclass(frozen=True)
class Lab:
    """Contracts to look at: cohort, renewals, lost, contracts (how many such); of our own also customer_id, customer, product,
    started_on, ends_on. `months`: the term."""

    contracts: pd.DataFrame
    months: int
    scope: str
    as_of: dt.date | None = None
    price: float | None = None
    currency: str | None = None
    board_id: int | None = None
    made_up: bool = False

    @property
    def facts(self) -> pd.DataFrame:
        return survival_table(self.contracts)

    @property
    def told(self) -> dict[str, Any]:
        columns = COLUMNS if self.board_id else ("cohort", "renewals", "lost", "contracts")
        rows = self.contracts[list(columns)]
        n = int(self.contracts["contracts"].sum())
        return {"scope": self.scope, "as_of": self.as_of, "n": n, "rows": lambda _: rows, "columns": columns}


def curves(fit: RetentionFit | None, last: float) -> pd.DataFrame:
    """model, better, age, survival, retention, lower, upper of each model, up to `last`."""
    fitted: dict[str, BetaDiscreteWeibull] = {} if fit is None else {"sBG": fit.geometric}
    fitted |= {"BdW": fit.weibull} if fit is not None and fit.weibull is not None else {}
    ages = np.round(np.arange(0, last + STEP / 2, STEP), 6)
    parts = []
    for name, model in fitted.items():
        part = pd.DataFrame({"model": name, "better": fit is not None and fit.better is model, "age": ages})
        rates = np.full(len(ages), np.nan)
        rates[ages >= 1] = model.retention_rate(ages[ages >= 1])
        band = model.parameter_interval(lambda one: one.survival(ages[1:]), BAND, "logit")
        bounds = {side: np.append(1.0, band[side].to_numpy()) for side in ("lower", "upper")}
        parts.append(part.assign(survival=model.survival(ages), retention=rates, **bounds))
    names = ["model", "better", "age", "survival", "retention", "lower", "upper"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


# --------------------------------------------------------------------------------------------------------- views


def _survival(lab: Lab, fit: RetentionFit | None, asked: dict[str, float]) -> None:
    facts, cohorts = lab.facts, cohort_survival(lab.contracts)
    last = int(facts["age"].max()) if len(facts) else 0
    end = last + int(asked["ahead"])
    with _survival_title(facts, fit, last, end):
        about(
            "contracts.survival",
            definition=say(
                "The share of new contracts still running after so many renewals. Large dots: all cohorts together, each renewal "
                "counted once it is decided; small dots: single cohorts. The lines are the models: solid within the data, dotted "
                "beyond them; the band is the 80 % interval of the better one's parameters."
            )
            + _rule(lab),
            formula=r"S(t) = \frac{B(\alpha,\ \beta + t^{c})}{B(\alpha, \beta)}",
            **lab.told,
        )
    start = pd.DataFrame({"age": [0], "survival": [1.0], "due": [lab.contracts["contracts"].sum()]})
    shown = pd.concat([start, facts[["age", "survival", "due"]]])
    picked = show(charts.survival_curves(shown, cohorts, curves(fit, end), last), key="contracts.survival")
    _cohorts(lab, str(picked[0]) if picked else None)


def _rule(lab: Lab) -> str:
    """When one of our own contracts counts as renewed or lost."""
    if lab.board_id is None:
        return ""
    return " " + say(
        "An order of the same service up to {count:day|days} after its end renews it; a return takes an order back.",
        count=GRACE_DAYS,
    )


def _survival_title(facts: pd.DataFrame, fit: RetentionFit | None, last: int, end: int) -> Any:
    if facts.empty:
        return titled("No renewal is decided yet", "contracts.survival")
    now = {"share": percent(facts["survival"].iloc[-1]), "renewals": last}
    if fit is None or end == last:
        return titled("{share} are left after {renewals:renewal|renewals}", "contracts.survival", **now)
    later = percent(float(fit.better.survival(end)))
    return titled(
        "{share} are left after {renewals:renewal|renewals}; {later} will be after {end}",
        "contracts.survival", later=later, end=end, **now,
    )  # fmt: skip


def _retention(lab: Lab, fit: RetentionFit | None, asked: dict[str, float]) -> None:
    facts, cohorts = lab.facts, cohort_survival(lab.contracts)
    last = int(facts["age"].max()) if len(facts) else 0
    with _retention_title(facts, last):
        about(
            "contracts.retention",
            definition=say(
                "Of the contracts that could be renewed for the first, second, ... time, the share that was. It rises with age "
                "because those who leave easily have left, not because customers become more loyal."
            )
            + _rule(lab),
            formula=r"r(t) = \frac{S(t)}{S(t-1)}",
            **lab.told,
        )
    picked = show(
        charts.renewal_rates(facts, cohorts, curves(fit, last + asked["ahead"]).dropna(subset="retention"), last),
        key="contracts.retention",
    )
    rows = facts.rename(columns={"age": "renewal"}).assign(id=range(len(facts)), retention=facts["retention"] * 100)
    columns = ["renewal", "due", "renewed", "retention"]
    table(
        rows,
        key="contracts.ages",
        columns=columns,
        opens=False,
        labels={"renewal": say("Renewal no."), "retention": say("Renewal rate")},
    )
    _cohorts(lab, str(picked[0]) if picked else None)


def _retention_title(facts: pd.DataFrame, last: int) -> Any:
    if facts.empty:
        return titled("No renewal is decided yet", "contracts.retention")
    first = percent(facts["retention"].iloc[0])
    if last == 1:
        return titled("{first} renew the first time", "contracts.retention", first=first)
    then = percent(facts["retention"].iloc[-1])
    return titled(
        "{first} renew the first time, {then} at renewal {last}", "contracts.retention", first=first, then=then, last=last
    )


def _worth(lab: Lab, fit: RetentionFit | None, asked: dict[str, float]) -> None:
    if fit is None:
        titled("What a contract is still worth cannot be said yet", "contracts.worth")
        return
    per_year, price = 12 / lab.months, asked["price"]
    found = residual_lifetimes(fit.better, int(asked["most"]), asked["discount"], per_year)
    new = fit.better.del_(asked["discount"], per_year)
    sign = titled(
        "A new contract is good for {new} payments ({value}); after {count:renewal|renewals} {old} are still to come",
        "contracts.worth",
        new=number(new, 2),
        value=_money(new * price, lab),
        count=int(asked["most"]),
        old=number(found["derl"].iloc[-1], 2),
    )
    shown = found.assign(**{name: found[source] * price for name, source in WORTH.items()})
    with sign:
        about(
            "contracts.worth",
            definition=say(
                "DEL: payments of a new customer in today's money, the first one, paid today, included. DERL: payments still to "
                "come from a customer who has renewed so often, just before his next renewal. Whiskers: 80 % of the parameters."
            ),
            formula=(
                r"\mathrm{DEL}=\sum_{t\ge 0}\frac{S(t)}{(1+d)^t}\qquad "
                r"\mathrm{DERL}(n)=\sum_{k\ge 1}\frac{S(n-1+k)}{S(n-1)}\frac{1}{(1+d)^{k-1}}"
            ),
            **lab.told,
        )
    show(charts.contracts_worth(shown), key="contracts.worth")
    shares = {name: found[name] * 100 for name in ("survival", "retention")}
    rows = shown.assign(id=found.index, derl=found["derl"].round(3), **shares)
    columns = ["renewals", "survival", "retention", "derl", "value", "value_low", "value_high"]
    labels = {"renewals": say("Renewals made"), "derl": "DERL", "retention": say("Next renewal")}
    table(rows, key="contracts.worth.table", columns=columns, labels=labels, opens=False, currency=lab.currency)


WORTH = {"value": "derl", "value_low": "lower", "value_high": "upper"}
"""Money and the payments it is made of."""


# ----------------------------------------------------------------------------------------------- what is behind


def _cohorts(lab: Lab, picked: str | None) -> None:
    """A row a cohort; a click on one, or on its dot, leads to its customers."""
    counts = lab.contracts["contracts"]
    parts = lab.contracts.assign(left=counts * ~lab.contracts["lost"].astype(bool), made=counts * lab.contracts["renewals"])
    rows = parts.groupby("cohort", as_index=False)[["contracts", "left", "made"]].sum()
    rows = rows.assign(id=range(len(rows)), share=rows["left"] / rows["contracts"] * 100, renewals=rows["made"])
    columns = ["cohort", "contracts", "left", "share", "renewals"]
    labels = {"left": say("Still running")}
    chosen = table(rows, key="contracts.cohorts", columns=columns, opens=lab.board_id is not None, labels=labels)
    cohort = picked or (str(rows["cohort"].iloc[chosen.opened]) if chosen.opened is not None else None)
    if lab.board_id is None or cohort is None:
        return
    ids = lab.contracts.loc[lab.contracts["cohort"] == cohort, "customer_id"].unique().tolist()
    st.markdown("**" + say("Customers whose contract began in {cohort}", cohort=cohort) + "**")
    where = CustomerFilter(ids=tuple(map(int, ids)), board_id=(lab.board_id,))
    selected(where, key="contracts.customers", made_from=say("Contracts of {cohort}: {scope}", cohort=cohort, scope=lab.scope))


def models(lab: Lab, fit: RetentionFit) -> None:
    """Both models side by side, and why one is taken."""
    fitted: dict[str, BetaDiscreteWeibull] = {"sBG": fit.geometric} | ({"BdW": fit.weibull} if fit.weibull else {})
    with st.expander(say("Which model, and why"), icon=":material/tune:", expanded=True, key="contracts.models"):
        st.markdown(_why(fit))
        column = st.column_config
        exact = {sign: column.NumberColumn(sign, format="%.6f") for sign in ("α", "β", "c")}
        exact |= {name: column.NumberColumn(title, format="%.6f") for name, title in FITS.items()}
        rows = pd.DataFrame([_row(name, model) for name, model in fitted.items()])
        st.dataframe(
            rows,
            hide_index=True,
            placeholder=MISSING,
            key="contracts.models.table",
            column_config={"model": column.TextColumn(label("model")), **exact},
        )
        for name, model in fitted.items():
            st.caption(f"{name}: " + say(DIAGNOSES[model.diagnosis_]) + _intervals(model))


FITS = {"log_likelihood_": "ln L", "aic_": "AIC", "bic_": "BIC"}


def _row(name: str, model: BetaDiscreteWeibull) -> dict[str, Any]:
    values = {SIGNS.get(key, key): float(model.params_[key]) for key in model.names}
    return {"model": name, "α": None, "β": None, "c": np.nan} | values | {key: getattr(model, key) for key in FITS}


def _intervals(model: BetaDiscreteWeibull) -> str:
    if model.standard_errors_.isna().any():
        return ""
    bounds = zip(model.names, *model.confidence_intervals_.to_numpy().T, strict=True)
    said = [f"{SIGNS.get(name, name)} {number(low, 3)}–{number(high, 3)}" for name, low, high in bounds]
    return " " + say("95 %: {intervals}", intervals=said)


def _why(fit: RetentionFit) -> str:
    if fit.weibull is None:
        return say("sBG: only two renewals are decided, too few for the third parameter of the BdW.")
    numbers = {"gain": number(abs(fit.gain), 1), "p": number(fit.p_value, 4), "c": number(float(fit.weibull.params_["c"]), 2)}
    if fit.better is fit.weibull:
        return say(
            "BdW: its third parameter (c = {c}) pays for itself, AIC is {gain} lower; by chance in {p} of all cases.", **numbers
        )
    if fit.weibull.diagnosis_ != "interior":
        return say("sBG: the BdW finds no clear best parameters in these figures.")
    if fit.gain <= 0:
        return say("sBG: the third parameter of the BdW (c = {c}) gains nothing, AIC is {gain} higher.", **numbers)
    return say("sBG: the BdW (c = {c}) gains too little for its third parameter, AIC is only {gain} lower.", **numbers)


def _money(value: float, lab: Lab) -> str:
    return money(value, lab.currency) if lab.currency else number(value, 2)


VIEWS: dict[str, Callable[[Lab, RetentionFit | None, dict[str, float]], None]] = {
    "survival": _survival,
    "retention": _retention,
    "worth": _worth,
}
