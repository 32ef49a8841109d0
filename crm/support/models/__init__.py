"""Cases with their events and comments, what is promised, feedback, knowledge; events and answers are append-only."""

from crm.support.models.cases import (
    ENDED,
    OPEN,
    Case,
    CaseChannel,
    CaseComment,
    CaseEvent,
    CaseKind,
    CaseState,
    ComplaintClass,
    Happening,
    Priority,
    Severity,
)
from crm.support.models.feedback import FeedbackInvitation, ServiceItem, SurveyAnswer
from crm.support.models.knowledge import Article, ArticleLanguage, ArticleState, ArticleVersion, CaseArticle
from crm.support.models.parts import Escalation, FieldVisit, Problem, ProblemState, VisitState
from crm.support.models.sla import Clock, Colour, Late, SlaPolicy, WorkingCalendar

__all__ = [
    "ENDED",
    "OPEN",
    "Article",
    "ArticleLanguage",
    "ArticleState",
    "ArticleVersion",
    "Case",
    "CaseArticle",
    "CaseChannel",
    "CaseComment",
    "CaseEvent",
    "CaseKind",
    "CaseState",
    "Clock",
    "Colour",
    "ComplaintClass",
    "Escalation",
    "FeedbackInvitation",
    "FieldVisit",
    "Happening",
    "Late",
    "Priority",
    "Problem",
    "ProblemState",
    "ServiceItem",
    "Severity",
    "SlaPolicy",
    "SurveyAnswer",
    "VisitState",
    "WorkingCalendar",
]
