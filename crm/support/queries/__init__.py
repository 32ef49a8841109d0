"""What can be asked about cases, their clocks, complaints, feedback and knowledge."""

from crm.support.queries.cases import case, comments, escalations, events, problem, visits
from crm.support.queries.clocks import clocks_of, most_urgent, open_clocks
from crm.support.queries.complaints import complaint_rate, complaint_rows, complaints
from crm.support.queries.dashboard import (
    arrivals_and_closures,
    open_by_age,
    reopen_rate,
    times,
    top_causes,
    top_problems,
    within_sla,
)
from crm.support.queries.feedback import feedback_scores, invitation, invitations_of, survey_answers
from crm.support.queries.knowledge import article, articles, articles_of, cases_of, categories, suggest, versions
from crm.support.queries.listing import case_ids, case_list, export_rows, totals
from crm.support.queries.promises import calendar, calendars, colour_rules, policies, policy
from crm.support.queries.queue import Queue, queue
from crm.support.queries.standing import Mood, Service, service_of

__all__ = [
    "Mood",
    "Queue",
    "Service",
    "arrivals_and_closures",
    "article",
    "articles",
    "articles_of",
    "calendar",
    "calendars",
    "case",
    "case_ids",
    "case_list",
    "cases_of",
    "categories",
    "clocks_of",
    "colour_rules",
    "comments",
    "complaint_rate",
    "complaint_rows",
    "complaints",
    "escalations",
    "events",
    "export_rows",
    "feedback_scores",
    "invitation",
    "invitations_of",
    "most_urgent",
    "open_by_age",
    "open_clocks",
    "policies",
    "policy",
    "problem",
    "queue",
    "reopen_rate",
    "service_of",
    "suggest",
    "survey_answers",
    "times",
    "top_causes",
    "top_problems",
    "totals",
    "versions",
    "visits",
    "within_sla",
]
