"""Frame in, figure out: no query, no arithmetic beyond drawing, no words (crm.charts.language)."""

from crm.charts.compare import bars, bullet, columns, share, trend
from crm.charts.customer import alive, rhythm
from crm.charts.distribution import cohort_heat, histogram, rfm_heat
from crm.charts.flow import flows, migration, rfm_cells, treemap
from crm.charts.graph import relations_graph, reports_to_chart
from crm.charts.language import dressed, read_out
from crm.charts.theme import colour_of, ink, template

__all__ = [
    "alive", "bars", "bullet", "cohort_heat", "colour_of", "columns", "dressed", "flows", "histogram", "ink", "migration",
    "read_out", "relations_graph", "reports_to_chart", "rfm_cells", "rfm_heat", "rhythm", "share", "template", "treemap",
    "trend",
]  # fmt: skip
