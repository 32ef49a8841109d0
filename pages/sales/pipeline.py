"""Pipeline: the open deals stage by stage, and the list of all."""

from crm.ui.desk import page
from crm.ui.pipeline.page import pipeline

page("Pipeline", needs="pipeline:see")
pipeline()
