"""What can be done with activities, attached files, tags, custom fields, saved views, settings, and the log of what went out."""

from crm.office.commands.activities import (
    ActivityDetails,
    ActivityResult,
    LoggedActivity,
    PlannedActivity,
    edit_activity,
    finish_activity,
    log_activity,
    plan_activity,
    remove_activity,
)
from crm.office.commands.attachments import (
    AttachmentDetails,
    add_attachment,
    edit_attachment,
    remove_attachment,
    restore_attachment,
    sweep_documents,
)
from crm.office.commands.custom_fields import (
    CustomFieldDetails,
    CustomFieldInput,
    add_custom_field,
    edit_custom_field,
    remove_custom_field,
)
from crm.office.commands.exporting import log_export
from crm.office.commands.notices import (
    AnnouncementInput,
    MessageInput,
    announce,
    edit_announcement,
    mark_read,
    put_away,
    put_back,
    put_off,
    send_message,
    withdraw_announcement,
)
from crm.office.commands.reminding import remind, set_reminders
from crm.office.commands.saved import remove_view, save_mapping, save_view
from crm.office.commands.settings import DemoDay, put_setting, set_demo_today, set_thresholds
from crm.office.commands.tags import TagColour, TagInput, add_tag, edit_tag, remove_tag, tag, tag_by_name, untag
from crm.office.fields import checked_custom
from crm.office.thresholds import Thresholds

__all__ = [
    "ActivityDetails",
    "ActivityResult",
    "AnnouncementInput",
    "AttachmentDetails",
    "CustomFieldDetails",
    "CustomFieldInput",
    "DemoDay",
    "LoggedActivity",
    "MessageInput",
    "PlannedActivity",
    "TagColour",
    "TagInput",
    "Thresholds",
    "add_attachment",
    "add_custom_field",
    "add_tag",
    "announce",
    "checked_custom",
    "edit_activity",
    "edit_announcement",
    "edit_attachment",
    "edit_custom_field",
    "edit_tag",
    "finish_activity",
    "log_activity",
    "log_export",
    "mark_read",
    "plan_activity",
    "put_away",
    "put_back",
    "put_off",
    "put_setting",
    "remind",
    "remove_activity",
    "remove_attachment",
    "remove_custom_field",
    "remove_tag",
    "remove_view",
    "restore_attachment",
    "save_mapping",
    "save_view",
    "send_message",
    "set_demo_today",
    "set_reminders",
    "set_thresholds",
    "sweep_documents",
    "tag",
    "tag_by_name",
    "untag",
    "withdraw_announcement",
]
