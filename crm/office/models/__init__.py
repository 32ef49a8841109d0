"""The tables that any record may need."""

from crm.office.models.notices import Announcement, Notice, NoticeCategory, NoticeTopic
from crm.office.models.records import (
    Activity,
    ActivityKind,
    Attachment,
    CustomField,
    ExportEvent,
    FieldKind,
    ImportJob,
    Outcome,
    SavedMapping,
    SavedView,
    Setting,
    Tag,
    Tagging,
    granted,
)

__all__ = [
    "Activity",
    "ActivityKind",
    "Announcement",
    "Attachment",
    "CustomField",
    "ExportEvent",
    "FieldKind",
    "ImportJob",
    "Notice",
    "NoticeCategory",
    "NoticeTopic",
    "Outcome",
    "SavedMapping",
    "SavedView",
    "Setting",
    "Tag",
    "Tagging",
    "granted",
]
