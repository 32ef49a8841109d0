"""The names of models, their parameters and their diagnoses, as the lifetime-value labs say them."""

from __future__ import annotations

from crm.words import label, say

MODEL_NAMES = {"bg_nbd": "BG/NBD", "mbg_nbd": "MBG/NBD", "pareto_nbd": "Pareto/NBD", "nbd": "NBD"}
"""Proper names: the same in every language."""

SIGNS = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ"}

DIAGNOSES = {
    "interior": "The best parameters are clearly best.",
    "no dropout": "Nobody seems to stop: the model is no better than the NBD.",
    "homogeneous dropout": "All customers stop at the same pace, as far as one can see: single parameters say nothing.",
    "homogeneous purchasing": "All customers buy at the same pace: single parameters say nothing.",
    "flat likelihood": "Many parameters fit equally well, so there are no intervals.",
    "too few repeaters": "Too few repeat buyers: do not use it.",
    "no repeat buyers": "Nobody has bought twice: there is nothing to learn from.",
    "identical spend": "All customers spend the same per order.",
    "mean does not exist": "The mean spend does not exist in this model: do not use it.",
    "spend depends on frequency": "Frequent buyers spend differently per order: the model does not hold.",
    "given": "The parameters were given, not estimated.",
}


DEFINITIONS = {
    "clv.ranking": (
        "All models and three simple rules learn from the purchases up to the cut-off and forecast the holdout. The error "
        "is the typical distance of the forecast from what each customer then bought. A model is named when its error is "
        "smaller than that of every rule; among those the best log score wins."
    ),
    "clv.parameters": (
        "The parameters under which the purchases seen are most likely. r / α is the mean number of purchases a week of a "
        "living customer; s / β is the mean dropout rate a week, a / (a + b) the mean chance to stop at a purchase. An "
        "interval holds the true value in 95 of 100 such samples. Only differences of log-likelihood, AIC and BIC between "
        "models on the same data count."
    ),
    "clv.tracking": (
        "Repeat orders of those who first bought in the calibration period, week by week: what came, and what the model "
        "expects of customers of their age. Good totals can hide wrong customers."
    ),
    "clv.frequency": (
        "Customers by their number of repeat purchases in the calibration period, and as many as the model gives each "
        "number. A p below 0.05 speaks against the model; with very many customers every model fails, so look at the "
        "sizes."
    ),
    "clv.conditional": (
        "Customers by their number of repeat purchases in the calibration period: mean purchases in the holdout, as they "
        "came and as the model expected of each customer. The last groups are small."
    ),
    "clv.reliability": (
        "Customers in tenths of the chance that the model gave them to order in the holdout, and the share that did. A "
        "model is reliable where the dots lie on the line; the bars are two standard errors. Only whole groups can be "
        "judged, never one customer."
    ),
    "clv.iso": (
        "Every point of a line is a history of the same residual value: margin × mean spend × discounted expected orders "
        "in {months:month|months}, for a customer of the oldest age. The lines bend back: somebody who bought very often "
        "and then fell silent is worth less than somebody who bought seldom and as long ago. Grey dots are where "
        "customers stand."
    ),
    "clv.alive": (
        "The chance that a customer of this age has not silently left, by the number of repeat orders and the week of the "
        "last one, counted from the first. It is a belief about one person from a model of all. Under BG/NBD somebody who "
        "bought once has 100 % by construction."
    ),
    "clv.expected": (
        "Expected orders of a customer of this age within the horizon, by the number of repeat orders and the week of the "
        "last one, on average over all who have this history. Beyond the length of the history seen, do not trust it."
    ),
    "clv.spend": (
        "What is to be expected per order of a customer with this mean so far: his own mean, pulled towards everybody's, "
        "the more the fewer orders he has. Each line is a number of repeat orders; on the dotted line nothing would be "
        "pulled. The model assumes that frequent buyers spend neither more nor less per order: the correlation is "
        "{correlation}."
    ),
}

FORMULAS = {
    "clv.ranking": r"\mathrm{RMSE}=\sqrt{\tfrac{1}{n}\sum_i\left(E[Y_i]-y_i\right)^2}",
    "clv.parameters": r"\ln L=\sum_i \ln L_i(\theta)\quad \mathrm{AIC}=2k-2\ln L\quad \mathrm{BIC}=k\ln n-2\ln L",
    "clv.tracking": r"\sum_i E[X(t-t_{0,i})]",
    "clv.frequency": r"\chi^2=\sum_k \frac{(O_k-E_k)^2}{E_k}",
    "clv.conditional": r"E[Y(t)\mid x,t_x,T]",
    "clv.reliability": r"P(Y(t)\ge 1\mid x,t_x,T)",
    "clv.iso": r"V(x,t_x)=m\;E[M]\int_0^{h} E[\lambda(u)\mid x,t_x,T]\,e^{-\delta u}\,du",
    "clv.alive": r"P(\mathrm{alive}\mid x,t_x,T)",
    "clv.expected": r"E[Y(t)\mid x,t_x,T]=P(\mathrm{alive}\mid x,t_x,T)\cdot E[Y(t)\mid \mathrm{alive},x,T]",
    "clv.spend": r"E[M\mid x,\bar m]=\frac{p\,(v+x\bar m)}{p\,x+q-1}",
}


def model_name(code: str) -> str:
    """BG/NBD; a simple rule in the reader's words."""
    return MODEL_NAMES.get(code) or label(code, of="rule")


def diagnosis(code: str) -> str:
    return say(DIAGNOSES[code])


def meaning(key: str, **values: object) -> dict[str, str]:
    """Definition and formula of a view, for its panel."""
    return {"definition": say(DEFINITIONS[key], **values), "formula": FORMULAS[key]}
