"""Settings: custom fields, tags, thresholds, pipelines, discounts, and the day everything is counted from."""

from crm.ui.classes import classes
from crm.ui.desk import page
from crm.ui.parts import one_of
from crm.ui.pipeline.settings import pipelines
from crm.ui.settings import custom_fields, discounts, tags, thresholds, today
from crm.words import say

page("Settings", needs="office:settings")
one_of(
    {
        "fields": (say("Custom fields"), custom_fields),
        "tags": (say("Tags"), tags),
        "classes": (say("Customer classes"), classes),
        "thresholds": (say("Thresholds"), thresholds),
        "pipelines": (say("Pipelines"), pipelines),
        "discounts": (say("Discounts"), discounts),
        "today": (say("Today"), today),
    }
)
