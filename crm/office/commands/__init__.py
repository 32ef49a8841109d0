"""What can be done with notes, tags, custom fields, saved views, settings, and the log of what went out."""

from crm.office.commands.custom_fields import (
    CustomFieldDetails,
    CustomFieldInput,
    add_custom_field,
    edit_custom_field,
    remove_custom_field,
)
from crm.office.commands.exporting import log_export
from crm.office.commands.notes import NoteInput, add_note, edit_note, finish_follow_up, remove_note
from crm.office.commands.saved import remove_view, save_mapping, save_view
from crm.office.commands.settings import DemoDay, put_setting, set_demo_today, set_thresholds
from crm.office.commands.tags import TagColour, TagInput, add_tag, edit_tag, remove_tag, tag, tag_by_name, untag
from crm.office.fields import checked_custom
from crm.office.thresholds import Thresholds

__all__ = [
    "CustomFieldDetails",
    "CustomFieldInput",
    "DemoDay",
    "NoteInput",
    "TagColour",
    "TagInput",
    "Thresholds",
    "add_custom_field",
    "add_note",
    "add_tag",
    "checked_custom",
    "edit_custom_field",
    "edit_note",
    "edit_tag",
    "finish_follow_up",
    "log_export",
    "put_setting",
    "remove_custom_field",
    "remove_note",
    "remove_tag",
    "remove_view",
    "save_mapping",
    "save_view",
    "set_demo_today",
    "set_thresholds",
    "tag",
    "tag_by_name",
    "untag",
]
