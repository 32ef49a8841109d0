"""What can be asked about activities, attached files, tags, custom fields, saved views, settings, files in and out."""

from crm.office.fields import CustomFieldSpec, checked_custom
from crm.office.queries.activities import MOST, activities_by, activities_of, activity, due_activities, pinned, subject_kind
from crm.office.queries.agenda import agenda, done_on
from crm.office.queries.attachments import attachment, attachments_of, content_of, may_attach
from crm.office.queries.calendar import calendar_entries, calendar_entry, calendar_rows, visit_entries
from crm.office.queries.custom_fields import custom_field, custom_fields
from crm.office.queries.files import PAGE_SIZE, export_count, exports, import_count, imports
from crm.office.queries.notices import (
    announcement,
    announcements,
    notice_counts,
    notice_total,
    notices,
    open_notices,
    reminder_rules,
    sent_messages,
    unread,
)
from crm.office.queries.saved import mappings, views
from crm.office.queries.settings import demo_day, moment, setting, thresholds, today
from crm.office.queries.tags import tag, tag_choices, tags, tags_of
from crm.office.thresholds import Thresholds

__all__ = [
    "MOST",
    "PAGE_SIZE",
    "CustomFieldSpec",
    "Thresholds",
    "activities_by",
    "activities_of",
    "activity",
    "agenda",
    "announcement",
    "announcements",
    "attachment",
    "attachments_of",
    "calendar_entries",
    "calendar_entry",
    "calendar_rows",
    "checked_custom",
    "content_of",
    "custom_field",
    "custom_fields",
    "demo_day",
    "done_on",
    "due_activities",
    "export_count",
    "exports",
    "import_count",
    "imports",
    "mappings",
    "may_attach",
    "moment",
    "notice_counts",
    "notice_total",
    "notices",
    "open_notices",
    "pinned",
    "reminder_rules",
    "sent_messages",
    "setting",
    "subject_kind",
    "tag",
    "tag_choices",
    "tags",
    "tags_of",
    "thresholds",
    "today",
    "unread",
    "views",
    "visit_entries",
]
