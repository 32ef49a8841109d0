"""The demo company: a group of three boards, the same on every machine. One of them lives on real orders (CDNOW)."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from random import Random

from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.customers.commands import ClassDetails, Sharing, save_class, share
from crm.demo.days import spend_days
from crm.demo.judging import judge, pay
from crm.demo.machinery import CONTRACT_FORMS, machinery_customers, relate
from crm.demo.music import FILE, TAG, content, music_customers
from crm.demo.names import Names
from crm.demo.people import ACCOUNTS, DESK, EAST, MACHINERY, MUSIC, PASSWORD, SERVICES, Account, Company, hire
from crm.demo.products import add_catalogue
from crm.demo.scores import score
from crm.demo.selling import sell
from crm.demo.service import serve
from crm.demo.services import service_customers
from crm.demo.targets import set_aims
from crm.demo.telling import tell
from crm.demo.writing import LAST_DAY, Book, Draft
from crm.errors import Refused
from crm.marketing.commands import nurture_new
from crm.office.commands import CustomFieldInput, DemoDay, TagInput, add_custom_field, add_tag, put_setting, set_demo_today
from crm.office.models import FieldKind, ImportJob, Tagging
from crm.session import ScopedSession, open_as
from crm.staff.models import User

SEED = 1998


def fill(*, shift_dates: bool = False) -> None:
    """Fill an empty, migrated database, whole or not at all; refuses any other.

    The newest order is of 30 June 1998, and that is "today" by a setting; with `shift_dates` it is of yesterday instead.
    """
    today = dt.date.today()
    shift = today - dt.timedelta(1) - LAST_DAY if shift_dates else dt.timedelta(0)
    with open_as(SYSTEM) as session:
        if session.scalar(select(func.count(User.id))):
            raise Refused("The demo company needs an empty database, and somebody works in this one already.")
        book = Book(session, Random(SEED), shift)
        company = _fill(book)
        put_setting(session, "demo", {"on": True, "password": PASSWORD})
        if not shift_dates:
            set_demo_today(session, DemoDay(day=LAST_DAY))
        nurture_new(session, company.units[MACHINERY])
        stands = today if shift_dates else LAST_DAY
        spend_days(book, company, stands)
        score(session, company, LAST_DAY + shift, stands)
        for further in (set_aims, judge, pay, tell):
            further(session, company, stands)


def _fill(book: Book) -> Company:
    session = book.session
    names = Names.drawn(book.random)
    company = hire(session, names)
    products = add_catalogue(session)
    _add_contract_form(session)
    music = music_customers(book, company, names, products["Compact discs"][0].id, _import_job(book, company))
    machinery = machinery_customers(book, company, names, products)
    services = service_customers(book, company, names, products)
    for board, drafts in ((MUSIC, music), (MACHINERY, machinery), (SERVICES, services)):
        book.write(drafts, company.units[board])
    relate(book, machinery)
    sell(book, company, names, products)
    _share(session, company, machinery, services)
    _tag(book, company, music, machinery, services)
    _add_classes(session, company)
    return serve(book, company, names)


def _import_job(book: Book, company: Company) -> int:
    """The customers of the music board came in a file, and the log says so."""
    lines = content().count(b"\n")
    file = {"target": "orders", "file_name": FILE, "sha256": sha256(content()).hexdigest()}
    counts = {"read": lines, "added": lines, "changed": 0, "unchanged": 0, "refused": 0}
    return book.insert(ImportJob, [file | counts | {"user_id": company.members["boardadmin2"].id, "mapping": {}, "detail": {}}])[
        0
    ]


def _add_contract_form(session: ScopedSession) -> None:
    names = {"label": "Contract form", "label_zh": "合同形式", "key": "contract_form"}
    add_custom_field(session, "customer", CustomFieldInput(**names, kind=FieldKind.CHOICE, choices=list(CONTRACT_FORMS)))


def _share(session: ScopedSession, company: Company, machinery: list[Draft], services: list[Draft]) -> None:
    """Somebody of another team reads along with a few firms, or works on them; the service desk sees some of the machinery."""
    rep4 = company.members["rep4"]
    eastern = [draft for draft in machinery if draft.owner.unit_id == company.units[EAST]]
    for draft in eastern[:5]:
        share(session, draft.id, Sharing(user_id=rep4.id, may_change=draft is eastern[0], reason="Second plant in the west"))
    for draft in eastern[5:12]:
        share(session, draft.id, Sharing(unit_id=company.units[DESK], reason="Machines under warranty"))
    for draft in services[:4]:
        share(session, draft.id, Sharing(unit_id=company.units[EAST], reason="Also buys machines"))


def _tag(book: Book, company: Company, music: list[Draft], machinery: list[Draft], services: list[Draft]) -> None:
    session, random = book.session, book.random
    author = company.members["boardadmin"].id
    carriers = {
        (TAG, "neutral"): music,
        ("Key account 重点客户", "green"): random.sample(machinery, 14),
        ("Payment late 付款慢", "red"): random.sample(machinery, 6),
        ("Trade fair 1998 展会", "blue"): random.sample(machinery, 18),
        ("Renews early", "green"): random.sample(services, 9),
    }
    for (name, colour), drafts in carriers.items():
        tag_id = add_tag(session, TagInput(name=name, colour=colour)).id
        about = {"tag_id": tag_id, "subject_type": "customer", "author_id": author}
        book.insert(Tagging, [about | {"subject_id": draft.id} for draft in drafts])


def _add_classes(session: ScopedSession, company: Company) -> None:
    """In the order in which they are tried."""
    machinery, music, services = (company.units[board] for board in (MACHINERY, MUSIC, SERVICES))
    rules = (
        ("Gold", {"board_id": [machinery], "amount_from": "2500000"}),
        ("Silver", {"board_id": [machinery], "amount_from": "1200000"}),
        ("Collector", {"board_id": [music], "orders_from": 8}),
        ("Contract client", {"board_id": [services], "orders_from": 2}),
    )
    for position, (name, rule) in enumerate(rules):
        save_class(session, ClassDetails(name=name, position=position, rule=rule))


__all__ = ["ACCOUNTS", "LAST_DAY", "PASSWORD", "Account", "fill"]
