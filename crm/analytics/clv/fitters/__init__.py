"""The customer-base models. They subclass the fitters of lifetimes and override what is slow, fragile or wrong there."""

from crm.analytics.clv.fitters.beta_geo import BetaGeoFitter, ModifiedBetaGeoFitter
from crm.analytics.clv.fitters.bg_bb import BetaGeoBetaBinomFitter
from crm.analytics.clv.fitters.gamma_gamma import GammaGammaFitter
from crm.analytics.clv.fitters.nbd import NBDFitter
from crm.analytics.clv.fitters.pareto_nbd import ParetoNBDFitter

__all__ = [
    "BetaGeoBetaBinomFitter",
    "BetaGeoFitter",
    "GammaGammaFitter",
    "ModifiedBetaGeoFitter",
    "NBDFitter",
    "ParetoNBDFitter",
]
