"""The customer file, ownership and sharing, orders, scores, groups, losses."""

from crm.customers.models.belonging import CustomerShare, Merge, Ownership
from crm.customers.models.customer import CreditGrade, Customer, CustomerClass, Kind, Level, LifeCycle, Source, Stage
from crm.customers.models.file import (
    Contact,
    CorporateProfile,
    CustomerCompetitor,
    CustomerInterest,
    Holding,
    Relation,
    RetailProfile,
)
from crm.customers.models.groups import CustomerGroup, GroupMember, Purpose
from crm.customers.models.keys import name_key, phone_key
from crm.customers.models.losses import Loss, LossDirection, LossReason
from crm.customers.models.orders import Order, OrderKind, OrderLine
from crm.customers.models.scores import CustomerScore, ModelRun, RunKind, ScoreSnapshot

__all__ = [
    "Contact",
    "CorporateProfile",
    "CreditGrade",
    "Customer",
    "CustomerClass",
    "CustomerCompetitor",
    "CustomerGroup",
    "CustomerInterest",
    "CustomerScore",
    "CustomerShare",
    "GroupMember",
    "Holding",
    "Kind",
    "Level",
    "LifeCycle",
    "Loss",
    "LossDirection",
    "LossReason",
    "Merge",
    "ModelRun",
    "Order",
    "OrderKind",
    "OrderLine",
    "Ownership",
    "Purpose",
    "Relation",
    "RetailProfile",
    "RunKind",
    "ScoreSnapshot",
    "Source",
    "Stage",
    "name_key",
    "phone_key",
]
