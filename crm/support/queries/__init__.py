"""What can be asked about cases, their clocks, complaints, feedback and knowledge."""

from crm.support.queries.cases import case, comments, escalations, events, problem, visits
from crm.support.queries.clocks import clocks_of, most_urgent, open_clocks
from crm.support.queries.complaints import complaint_months, complaint_rate, complaint_rows, complaints
from crm.support.queries.dashboard import ServiceFigures, escalated, newest_case, service_figures
from crm.support.queries.feedback import (
    feedback_rules,
    firm_name,
    invitation,
    invitations_of,
    spoken_with,
    to_ask,
)
from crm.support.queries.knowledge import (
    article,
    articles,
    articles_of,
    cases_of,
    categories,
    category_counts,
    found_in,
    most_useful,
    products_told_of,
    suggest,
    ties_of,
    versions,
)
from crm.support.queries.listing import case_ids, case_list, export_rows, totals
from crm.support.queries.planning import causes_in_use, problem_choices, problem_list, visit_list
from crm.support.queries.promises import (
    Promise,
    calendar,
    calendars,
    colour_rules,
    overruled,
    policies,
    policy,
    promise_for,
)
from crm.support.queries.queue import Queue, queue, whose_counts
from crm.support.queries.record import case_ties, replay
from crm.support.queries.satisfaction import Feedback, feedback, survey_answers
from crm.support.queries.standing import Mood, Service, service_of

__all__ = [
    "Feedback",
    "Mood",
    "Promise",
    "Queue",
    "Service",
    "ServiceFigures",
    "article",
    "articles",
    "articles_of",
    "calendar",
    "calendars",
    "case",
    "case_ids",
    "case_list",
    "case_ties",
    "cases_of",
    "categories",
    "category_counts",
    "causes_in_use",
    "clocks_of",
    "colour_rules",
    "comments",
    "complaint_months",
    "complaint_rate",
    "complaint_rows",
    "complaints",
    "escalated",
    "escalations",
    "events",
    "export_rows",
    "feedback",
    "feedback_rules",
    "firm_name",
    "found_in",
    "invitation",
    "invitations_of",
    "most_urgent",
    "most_useful",
    "newest_case",
    "open_clocks",
    "overruled",
    "policies",
    "policy",
    "problem",
    "problem_choices",
    "problem_list",
    "products_told_of",
    "promise_for",
    "queue",
    "replay",
    "service_figures",
    "service_of",
    "spoken_with",
    "suggest",
    "survey_answers",
    "ties_of",
    "to_ask",
    "totals",
    "versions",
    "visit_list",
    "visits",
    "whose_counts",
]
