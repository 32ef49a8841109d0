"""Frame in, figure out: no query, no arithmetic beyond drawing, no words (crm.charts.language)."""

from crm.charts.compare import bars, bullet, columns, share, trend
from crm.charts.customer import rhythm
from crm.charts.distribution import cohort_heat, histogram, rfm_heat
from crm.charts.graph import relations_graph, reports_to_chart
from crm.charts.language import dressed, read_out
from crm.charts.theme import colour_of, ink, template

__all__ = [
    "bars", "bullet", "cohort_heat", "colour_of", "columns", "dressed", "histogram", "ink", "read_out", "relations_graph",
    "reports_to_chart", "rfm_heat", "rhythm", "share", "template", "trend",
]  # fmt: skip
