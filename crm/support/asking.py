"""How the firm asks for feedback: set once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from crm.editing import Input
from crm.support.models import ArticleLanguage

KEY = "support.feedback"
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]


class FeedbackRules(Input):
    firm: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = Field(
        None, title="Name for customers", description="Stands above the survey; empty = the name of the group."
    )
    address: Address | None = Field(
        None, title="Address for customers", description="Links begin with it; empty = the address of whoever makes the link."
    )
    days: int = Field(30, ge=1, le=365, title="Link works for (days)")
    language: ArticleLanguage = Field(ArticleLanguage.ZH, description="For customers who were not asked before.")
    ask_when_solved: bool = Field(
        False, title="Ask after each solved case", description="Solving a case makes the link; whoever solved it sends it."
    )
