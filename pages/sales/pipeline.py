"""Pipeline."""

from crm.ui.desk import page

page("Pipeline", needs="pipeline:see")
