"""Settings: fields, tags, thresholds, pipelines, discounts, promises, reminders, and the day all is counted from."""

from crm.ui.classes import classes
from crm.ui.desk import page
from crm.ui.parts import one_of
from crm.ui.pipeline.settings import pipelines
from crm.ui.reminders import reminders
from crm.ui.settings import custom_fields, discounts, tags, thresholds, today
from crm.ui.support.promises import promises
from crm.words import say

person = page("Settings", needs="office:settings")
promised = {"promises": (say("Promises"), promises)} if person.actor.may("policies", "support") else {}
one_of(
    {
        "fields": (say("Custom fields"), custom_fields),
        "tags": (say("Tags"), tags),
        "classes": (say("Customer classes"), classes),
        "thresholds": (say("Thresholds"), thresholds),
        "pipelines": (say("Pipelines"), pipelines),
        "discounts": (say("Discounts"), discounts),
        **promised,
        "reminders": (say("Reminders"), reminders),
        "today": (say("Today"), today),
    }
)
