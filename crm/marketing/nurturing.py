"""Plans by which a board keeps in touch with leads that are not ready yet: a step at a time, each some days after the start."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from crm.customers.models import Source
from crm.editing import Input
from crm.errors import Invalid
from crm.office.models import ActivityKind

Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NurtureStep(Input):
    after_days: int = Field(ge=0, le=730, description="Days after the start of the plan.")
    kind: ActivityKind = ActivityKind.CALL
    topic: Topic


class NurturePlan(Input):
    name: Called
    steps: tuple[NurtureStep, ...] = Field(min_length=1, max_length=20)
    automatic: bool = Field(False, description="New leads start it by themselves.")
    sources: tuple[Source, ...] = Field((), description="Only leads of these sources; empty = of any.")
    score_to: int | None = Field(None, ge=0, le=100, description="Only leads up to this score; empty = whatever it is.")

    def suits(self, source: str | None, score: int) -> bool:
        """Whether a lead starts it by itself."""
        fits = not self.sources or source in self.sources
        return self.automatic and fits and (self.score_to is None or score <= self.score_to)


class NurturePlans(Input):
    plans: tuple[NurturePlan, ...] = ()

    def check(self) -> None:
        names = [plan.name for plan in self.plans]
        if len(set(names)) < len(names):
            raise Invalid("Two plans have the same name.")
        for plan in self.plans:
            days = [step.after_days for step in plan.steps]
            if days != sorted(days):
                raise Invalid("The steps of “{name}” are not in the order of their days.", name=plan.name)

    def named(self, name: str) -> NurturePlan:
        found = next((plan for plan in self.plans if plan.name == name), None)
        if found is None:
            raise Invalid("This board has no plan “{name}”.", name=name)
        return found


def nurture_key(board_id: int) -> str:
    return f"nurturing.{board_id}"
