"""Which pages there are, in which section, and who sees them. Hiding is no permission: each page guards itself."""

from __future__ import annotations

from dataclasses import dataclass

from crm.access import Actor


@dataclass(frozen=True, slots=True)
class PageSpec:
    path: str
    title: str
    """English; translated in the menu."""
    icon: str
    url_path: str
    section: str
    needs: str
    """`area:see`, `area:change` or `area:<action>`; empty = everybody who is signed in."""
    hidden: bool = False
    """Reached from a row or from the top line, not from the menu."""
    default: bool = False
    public: bool = False
    """Opens without sign-in, and then shows nothing of the rest."""


PAGES: tuple[PageSpec, ...] = (
    PageSpec("pages/work/overview.py", "Overview", ":material/space_dashboard:", "overview", "Work", "", default=True),
    PageSpec("pages/work/calendar.py", "Calendar", ":material/calendar_month:", "calendar", "Work", "office:see"),
    PageSpec("pages/work/inbox.py", "Inbox", ":material/inbox:", "inbox", "Work", "", hidden=True),
    PageSpec("pages/sales/customers.py", "Customers", ":material/groups:", "customers", "Sales", "customers:see"),
    PageSpec("pages/sales/customer.py", "Customer", ":material/person:", "customer", "Sales", "customers:see", hidden=True),
    PageSpec("pages/sales/leads.py", "Leads", ":material/person_search:", "leads", "Sales", "marketing:see"),
    PageSpec("pages/sales/lead.py", "Lead", ":material/person_search:", "lead", "Sales", "marketing:see", hidden=True),
    PageSpec("pages/sales/pools.py", "Pools", ":material/water:", "pools", "Sales", "marketing:see"),
    PageSpec("pages/sales/pipeline.py", "Pipeline", ":material/view_kanban:", "pipeline", "Sales", "pipeline:see"),
    PageSpec(
        "pages/sales/opportunity.py", "Opportunity", ":material/handshake:", "opportunity", "Sales", "pipeline:see", hidden=True
    ),
    PageSpec("pages/sales/quotes.py", "Quotes", ":material/request_quote:", "quotes", "Sales", "pipeline:see"),
    PageSpec("pages/sales/contracts.py", "Contracts", ":material/contract:", "contracts", "Sales", "contracts:see"),
    PageSpec("pages/sales/contract.py", "Contract", ":material/contract:", "contract", "Sales", "contracts:see", hidden=True),
    PageSpec("pages/sales/orders.py", "Orders", ":material/receipt_long:", "orders", "Sales", "customers:see"),
    PageSpec("pages/sales/products.py", "Products", ":material/inventory_2:", "products", "Sales", "catalogue:see"),
    PageSpec("pages/sales/duplicates.py", "Duplicates", ":material/content_copy:", "duplicates", "Sales", "customers:merge"),
    PageSpec("pages/service/cases.py", "Cases", ":material/support_agent:", "cases", "Service", "support:see"),
    PageSpec("pages/service/case.py", "Case", ":material/support_agent:", "case", "Service", "support:see", hidden=True),
    PageSpec("pages/service/service.py", "Service quality", ":material/verified:", "service", "Service", "support:see"),
    PageSpec("pages/service/knowledge.py", "Knowledge", ":material/menu_book:", "knowledge", "Service", "support:see"),
    PageSpec(
        "pages/service/survey.py", "Survey", ":material/sentiment_satisfied:", "survey", "Service", "", hidden=True, public=True
    ),
    PageSpec("pages/performance/funnel.py", "Funnel", ":material/filter_alt:", "funnel", "Performance", "pipeline:see"),
    PageSpec("pages/performance/forecast.py", "Forecast", ":material/query_stats:", "forecast", "Performance", "pipeline:see"),
    PageSpec("pages/performance/targets.py", "Targets", ":material/flag:", "targets", "Performance", "targets:see"),
    PageSpec("pages/performance/team.py", "Team", ":material/social_leaderboard:", "team", "Performance", "targets:see"),
    PageSpec("pages/performance/roi.py", "ROI", ":material/savings:", "roi", "Performance", "targets:see"),
    PageSpec("pages/insight/call.py", "Call today", ":material/phone_in_talk:", "call-today", "Insight", "insight:see"),
    PageSpec("pages/insight/rfm.py", "RFM", ":material/grid_on:", "rfm", "Insight", "insight:see"),
    PageSpec(
        "pages/insight/lifetime_value.py", "Lifetime value", ":material/monitoring:", "lifetime-value", "Insight", "insight:see"
    ),
    PageSpec("pages/insight/cohorts.py", "Cohorts", ":material/stacked_line_chart:", "cohorts", "Insight", "insight:see"),
    PageSpec("pages/insight/churn.py", "Churn", ":material/trending_down:", "churn", "Insight", "insight:see"),
    PageSpec("pages/admin/exchange.py", "Import and export", ":material/swap_vert:", "exchange", "Admin", "customers:export"),
    PageSpec("pages/admin/people.py", "People", ":material/badge:", "people", "Admin", "staff:change"),
    PageSpec("pages/admin/who_may_what.py", "Who may what", ":material/verified_user:", "who-may-what", "Admin", ""),
    PageSpec("pages/admin/audit.py", "Audit", ":material/history:", "audit", "Admin", "staff:audit"),
    PageSpec("pages/admin/settings.py", "Settings", ":material/tune:", "settings", "Admin", "office:settings"),
    PageSpec("pages/work/account.py", "My account", ":material/account_circle:", "account", "Work", "", hidden=True),
)

BY_PATH = {page.url_path: page for page in PAGES}
PUBLIC = frozenset(page.url_path for page in PAGES if page.public)


def allowed(actor: Actor, needs: str) -> bool:
    """Does the actor's grant open what a page needs?"""
    if not needs:
        return True
    area, _, action = needs.partition(":")
    grant = actor.grant(area)
    if action in ("see", "change"):
        return bool(grant.see if action == "see" else grant.change)
    return actor.may(action, area)
