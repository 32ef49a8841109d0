"""What hangs on an opportunity: lines, people, team, further customers, competitors, samples, expenses, assessment."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import PartOf
from crm.customers.models import Contact, Customer
from crm.database import Code, Name, Record
from crm.pipeline.models.opportunity import Opportunity


class OpportunityLine(Record, PartOf):
    """A product that is to be sold; amount = quantity x unit price x (1 - discount)."""

    __tablename__ = "opportunity_line"
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    description: Mapped[str | None] = mapped_column(String(300))
    quantity: Mapped[Decimal]
    unit_price: Mapped[Decimal]
    discount_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    amount: Mapped[Decimal]

    opportunity: Mapped[Opportunity] = relationship()


class DecisionRole(StrEnum):
    DECIDES = "decides"
    INFLUENCES = "influences"
    USES = "uses"
    PAYS = "pays"
    CHAMPION = "champion"
    BLOCKS = "blocks"


class Attitude(StrEnum):
    FOR_US = "for_us"
    NEUTRAL = "neutral"
    AGAINST_US = "against_us"
    UNKNOWN = "unknown"


class OpportunityContact(Record, PartOf):
    """A person of the customer in this decision."""

    __tablename__ = "opportunity_contact"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "contact_id"),
        {
            "info": {
                "says": {
                    (
                        "uq_opportunity_contact_opportunity_id_contact_id",
                        ("opportunity_id", "contact_id"),
                    ): "This contact is on the deal already."
                }
            }
        },
    )
    PARENT = "opportunity"
    DISPOSABLE = True

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    role: Mapped[str] = mapped_column(Code, default=DecisionRole.INFLUENCES)
    attitude: Mapped[str] = mapped_column(Code, default=Attitude.UNKNOWN)
    remark: Mapped[str | None] = mapped_column(String(300))

    opportunity: Mapped[Opportunity] = relationship()
    contact: Mapped[Contact] = relationship()


class OpportunityMember(Record, PartOf):
    """A colleague who works on the deal; he sees and changes it, and reads its customer."""

    __tablename__ = "opportunity_member"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "user_id"),
        {
            "info": {
                "says": {
                    (
                        "uq_opportunity_member_opportunity_id_user_id",
                        ("opportunity_id", "user_id"),
                    ): "This colleague is on the team already."
                }
            }
        },
    )
    PARENT = "opportunity"
    DISPOSABLE = True

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    part: Mapped[str | None] = mapped_column(Name)
    """What he does in it."""

    opportunity: Mapped[Opportunity] = relationship()


class OpportunityCustomer(Record, PartOf):
    """A further customer on the same deal: general contractor, end user, agent."""

    __tablename__ = "opportunity_customer"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "customer_id"),
        {
            "info": {
                "says": {
                    (
                        "uq_opportunity_customer_opportunity_id_customer_id",
                        ("opportunity_id", "customer_id"),
                    ): "This customer is on the deal already."
                }
            }
        },
    )
    PARENT = "opportunity"
    DISPOSABLE = True

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    part: Mapped[str | None] = mapped_column(Name)

    opportunity: Mapped[Opportunity] = relationship()
    customer: Mapped[Customer] = relationship()


class Threat(StrEnum):
    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


class ExpenseKind(StrEnum):
    TRAVEL = "travel"
    ENTERTAINMENT = "entertainment"
    SAMPLE = "sample"
    BID = "bid"
    MATERIAL = "material"
    OTHER = "other"


class OpportunityCompetitor(Record, PartOf):
    __tablename__ = "opportunity_competitor"
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), index=True)
    name: Mapped[str] = mapped_column(Name)
    offer: Mapped[str | None] = mapped_column(Name)
    price: Mapped[Decimal | None]
    strengths: Mapped[str | None] = mapped_column(Text)
    weaknesses: Mapped[str | None] = mapped_column(Text)
    threat: Mapped[str | None] = mapped_column(Code)

    opportunity: Mapped[Opportunity] = relationship()

    @property
    def title(self) -> str:
        return self.name


class Sample(Record, PartOf):
    __tablename__ = "sample"
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    description: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[Decimal]
    sent_on: Mapped[dt.date | None]
    returned_on: Mapped[dt.date | None]
    answer: Mapped[str | None] = mapped_column(Text)

    opportunity: Mapped[Opportunity] = relationship()


class Expense(Record, PartOf):
    __tablename__ = "expense"
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    spent_on: Mapped[dt.date]
    amount: Mapped[Decimal]
    description: Mapped[str | None] = mapped_column(String(300))
    by_id: Mapped[int]

    opportunity: Mapped[Opportunity] = relationship()


class Assessment(Record, PartOf):
    """One judgement of the deal on a day: does it exist, do we want it, can we win it. Scores 1 to 5."""

    __tablename__ = "assessment"
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), index=True)
    assessed_on: Mapped[dt.date]
    budget: Mapped[int]
    authority: Mapped[int]
    need: Mapped[int]
    timing: Mapped[int]
    fit: Mapped[int]
    competition: Mapped[int]
    remark: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int]

    opportunity: Mapped[Opportunity] = relationship()
