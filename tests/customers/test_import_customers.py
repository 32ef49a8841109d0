"""Customers from a file: new, changed, refused, and nothing else."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.customers.commands import CustomerDetails, add_customer
from crm.customers.filters import CustomerFilter
from crm.customers.imports import Cancelled, Progress, dry_run
from crm.customers.models import CorporateProfile, Customer, Ownership, RetailProfile, Stage
from crm.customers.queries import customer_list
from crm.database import now
from crm.errors import CrmError, Refused
from crm.exchange.refused import refused_file
from crm.office.commands import CustomFieldInput, add_custom_field
from crm.office.models import ImportJob
from crm.session import get, open_as
from tests.factories import a_contact, a_customer, a_share
from tests.importing import a_mapping, a_table, bring, reasons, tried
from tests.people import People

FILE = """
    Customer code,Customer name,Level,Phone,Region
    K1,Aurora Music Ltd,VIP,+86 138 0013 8000,East
    K2,Borealis 有限公司,b,,
    K3,Cascade,甲,13800138002,West
"""


def everything(kind, **where):
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(kind).filter_by(**where).order_by(kind.id)))


def test_it_works(people: People):
    imported = bring(people.anna, "customers", FILE)
    assert (imported.job.read, imported.job.added, imported.job.refused) == (3, 2, 1)
    first, second = everything(Customer)
    assert (first.code, first.name, first.level, first.region, first.phone_key) == (
        "K1",
        "Aurora Music Ltd",
        "vip",
        "East",
        "13800138000",
    )
    assert (first.owner_id, first.team_id, first.board_id) == (people.anna.id, people.anna.unit_id, people.anna.board_id)
    assert (first.stage, first.source, first.kind, first.import_job_id) == (
        Stage.POTENTIAL,
        "import",
        "corporate",
        imported.job.id,
    )
    assert (second.name_key, second.level, second.phone) == ("borealis", "b", None)
    ((row, reason),) = reasons(imported.problems).items()
    assert row == 4 and "甲 is not one of" in reason


def test_each_new_customer_begins_the_history_of_its_ownership(people: People):
    bring(people.anna, "customers", FILE)
    held = everything(Ownership)
    assert [(one.owner_id, one.ended_at, one.by_id) for one in held] == [(people.anna.id, None, people.anna.id)] * 2


def test_what_came_in_is_found_by_the_search(people: People):
    bring(people.anna, "customers", FILE)
    with open_as(people.anna.actor) as session:
        assert customer_list(session, CustomerFilter(search="borealis"), columns=("code",))["code"].tolist() == ["K2"]
        assert customer_list(session, CustomerFilter(search="8000"), columns=("code",))["code"].tolist() == ["K1"]


def test_a_dry_run_writes_nothing_and_says_what_would_be(people: People):
    a_customer(people.anna, code="K1", name="Aurora Music Ltd", level="a")
    with open_as(SYSTEM) as session:
        before = session.scalar(select(func.max(AuditEntry.id)))
    preview = tried(people.anna, "customers", FILE)
    assert (preview.new, preview.changed, preview.unchanged, preview.refused) == (1, 1, 0, 1)
    told = preview.differences.set_index("field")[["before", "after"]].T.to_dict()
    assert told["level"] == {"before": "a", "after": "vip"}
    assert told["region"] == {"before": None, "after": "East"}
    assert preview.sample["name"].tolist() == ["Borealis 有限公司"]
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.max(AuditEntry.id))) == before


def test_a_change_is_logged_with_before_and_after_and_an_empty_cell_changes_nothing(people: People):
    known = a_customer(people.anna, code="K2", name="Borealis", region="North")
    bring(people.anna, "customers", FILE)
    with open_as(SYSTEM) as session:
        changed = get(session, Customer, known.id)
        entry = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.record_type == "customer", AuditEntry.record_id == known.id)
            .order_by(AuditEntry.id.desc())
        ).first()
    assert (changed.name, changed.region, changed.version) == ("Borealis 有限公司", "North", known.version + 1)
    assert entry.after == {"name": "Borealis 有限公司", "level": "b"} and entry.before == {"name": "Borealis", "level": None}
    assert entry.record_title == "Borealis 有限公司"


def test_the_same_file_again_changes_nothing_and_is_recognised(people: People):
    bring(people.anna, "customers", FILE)
    again = bring(people.ben, "customers", FILE, constants={"owner": "anna"})
    assert (again.job.added, again.job.changed, again.job.unchanged) == (0, 0, 2)
    assert "Anna Lindqvist brought in this file" in reasons(again.warnings)[0]
    assert len(everything(Customer)) == 2


def test_a_row_that_stands_twice_is_refused_the_second_time(people: People):
    imported = bring(people.anna, "customers", "code,name\nK1,Aurora\nK2,Borealis\nK1,Aurora again")
    assert reasons(imported.problems) == {4: "Row 2 of the file has the same value already."}
    assert [one.name for one in everything(Customer)] == ["Aurora", "Borealis"]


def test_a_name_that_is_too_long_is_refused_with_the_limit_and_never_cut(people: People):
    imported = bring(people.anna, "customers", f"code,name\nK1,{'x' * 200}\nK2,{'x' * 201}")
    assert reasons(imported.problems) == {3: "The text has 201 characters; the limit is 200."}
    assert [one.name for one in everything(Customer)] == ["x" * 200]


def test_a_wrong_address_and_a_missing_name_are_refused(people: People):
    imported = bring(people.anna, "customers", "code,name,email\nK1,Aurora,nobody\nK2,,a@b.example\nK3,Cascade,c@d.example")
    assert reasons(imported.problems) == {2: "nobody is not an e-mail address.", 3: "A new customer needs a name."}


@pytest.mark.parametrize("key", ["code", "phone", "name"])
def test_a_customer_of_a_colleague_is_refused_without_a_word_about_him(people: People, key: str):
    a_customer(people.chen, code="K9", name="Secret Records", phone="13900139000", region="Hidden")
    text = "code,name,phone\nK9,Secret Records,13900139000"
    preview = tried(people.anna, "customers", text, key=key)
    assert reasons(preview.problems) == {2: "This customer is already followed by a colleague."}
    assert len(preview.differences) == 0 and "Hidden" not in preview.problems.to_string()


def test_one_who_may_only_read_a_customer_cannot_change_him_by_a_file(people: People):
    theirs = a_customer(people.chen, code="K9", name="Lent", region="North")
    a_share(theirs, user_id=people.anna.id)
    text = "code,name,region\nK9,Lent,South"
    assert reasons(tried(people.anna, "customers", text).problems) == {2: "You may see this customer, but not change him."}
    a_share(theirs, user_id=people.anna.id, may_change=True)
    bring(people.anna, "customers", text)
    assert everything(Customer)[0].region == "South"


def test_the_code_of_a_deleted_customer_is_taken(people: People):
    a_customer(people.anna, code="K1", deleted_at=now())
    assert "A deleted customer has K1" in reasons(tried(people.anna, "customers", "code,name\nK1,Aurora").problems)[2]


def test_a_code_that_another_customer_has_is_refused_when_the_key_is_the_name(people: People):
    a_customer(people.chen, code="K1", name="Somebody")
    imported = bring(people.anna, "customers", "code,name\nK1,Aurora\nK2,Borealis", key="name")
    assert reasons(imported.problems) == {2: "Another customer of this board has this code."}


def test_probable_duplicates_are_warned_of_and_masked_when_hidden(people: People):
    a_customer(people.chen, name="Aurora Music Company")
    a_customer(people.anna, name="Borealis")
    warned = reasons(
        tried(people.anna, "customers", "code,name\nK1,Aurora Music Ltd\nK2,Borealis Inc\nK3,Borealis GmbH").warnings
    )
    assert warned[2] == "This looks like A＊＊y, a customer of Music already."
    assert warned[3] == "This looks like Borealis, a customer of Music already."


def test_customers_without_a_code_get_the_next_free_one(people: People):
    a_customer(people.chen, code="C000003")
    bring(people.anna, "customers", "name\nAurora\nBorealis\nCascade", key="name")
    codes = [one.code for one in everything(Customer) if one.owner_id == people.anna.id]
    assert codes == ["C000002", "C000004", "C000005"]


def test_the_owner_may_be_named_within_reach_only(people: People):
    text = "code,name,owner\nK1,Aurora,anna\nK2,Borealis,Anna Lindqvist\nK3,Cascade,chen\nK4,Dorado,nobody\nK5,Eridani,"
    imported = bring(people.ben, "customers", text)
    assert reasons(imported.problems) == {
        4: "Chen Wei works outside your reach: you cannot give customers to this person.",
        5: "Nobody has the user name nobody.",
    }
    assert [one.owner_id for one in everything(Customer)] == [people.anna.id, people.anna.id, people.ben.id]


def test_somebody_without_a_board_must_name_the_owner(people: People):
    text = "code,name\nK1,Aurora"
    refused = tried(people.eve, "customers", text)
    assert "A customer belongs to a board" in reasons(refused.problems)[2]
    assert bring(people.eve, "customers", text, constants={"owner": "emil"}).job.added == 1


def test_extended_files_come_along(people: People):
    text = """
        code,name,kind,birthday,employees,annual revenue
        K1,Zhou Lin,retail,1990-02-03,,
        K2,Aurora,corporate,,25,1250000.50
        K3,Borealis,corporate,1990-02-03,,
    """
    imported = bring(people.anna, "customers", text)
    assert reasons(imported.problems) == {4: "This is kept of private persons only; the customer is a firm."}
    assert [one.birthday for one in everything(RetailProfile)] == [dt.date(1990, 2, 3)]
    assert [(one.employees, one.annual_revenue) for one in everything(CorporateProfile)] == [(25, Decimal("1250000.5"))]
    again = bring(
        people.anna, "customers", text.replace("1990-02-03,,\n        K2", "1991-02-03,,\n        K2").replace(",25,", ",30,")
    )
    assert (again.job.changed, again.job.unchanged) == (2, 0)
    assert [one.birthday for one in everything(RetailProfile)] == [dt.date(1991, 2, 3)]
    assert [(one.employees, one.annual_revenue) for one in everything(CorporateProfile)] == [(30, Decimal("1250000.5"))]


def test_custom_fields_are_filled_checked_and_kept(people: People):
    with open_as(SYSTEM) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Shelf", key="shelf"))
        add_custom_field(session, "customer", CustomFieldInput(label="Rank", label_zh="排名", key="rank", kind="number"))
        add_custom_field(
            session, "customer", CustomFieldInput(label="Colour", key="colour", kind="choice", choices=["Red", "Blue"])
        )
    a_customer(people.anna, code="K1", name="Aurora", custom={"shelf": "A", "rank": "1"})
    text = "code,name,shelf,排名,colour\nK1,Aurora,,2.50,red\nK2,Borealis,B,3,Green"
    preview = tried(people.anna, "customers", text)
    assert preview.differences[["field", "before", "after"]].values.tolist() == [
        ["custom:rank", "1", "2.5"],
        ["custom:colour", None, "Red"],
    ]
    imported = bring(people.anna, "customers", text)
    assert reasons(imported.problems) == {3: "Green is not one of: Red, Blue."}
    assert everything(Customer)[0].custom == {"shelf": "A", "rank": "2.5", "colour": "Red"}


def test_a_required_custom_field_holds_for_new_customers(people: People):
    with open_as(SYSTEM) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Shelf", key="shelf", required=True))
    a_customer(people.anna, code="K1", name="Aurora")
    imported = bring(people.anna, "customers", "code,name,region\nK1,Aurora,East\nK2,Borealis,West")
    assert reasons(imported.problems) == {3: "Shelf must be filled in."} and imported.job.changed == 1


def test_a_new_name_moves_the_search_and_keeps_the_contacts_in_it(people: People):
    known = a_customer(people.anna, code="K1", name="Aurora")
    a_contact(known, "Zhang Min")
    bring(people.anna, "customers", "code,name\nK1,Polaris")
    assert everything(Customer)[0].search_text == "polaris k1 zhang min "
    assert everything(Customer)[0].name_key == "polaris"


def test_a_reader_and_one_without_the_right_are_refused(people: People):
    for person in (people.amir, people.gia, people.mia):
        with pytest.raises(Refused):
            bring(person, "customers", FILE)
    assert everything(Customer) == [] and everything(ImportJob) == []


def test_cancelled_in_the_middle_nothing_is_there(people: People):
    told: list[str] = []
    progress = Progress(lambda done, total, what: told.append(what), cancelled=lambda: "Customers" in told)
    two_steps = FILE.replace("Region", "Employees").replace("East", "12").replace("West", "")
    with pytest.raises(Cancelled):
        bring(people.anna, "customers", two_steps, progress=progress)
    assert told[-1] == "Customers" and everything(Customer) == [] and everything(ImportJob) == []
    assert bring(people.anna, "customers", two_steps).job.added == 2


class Stopped(BaseException):
    """As a click in the browser ends a running page."""


def test_a_page_that_is_left_in_the_middle_leaves_nothing(people: People):
    def tell(done: int, total: int, what: str) -> None:
        if what == "Customers":
            raise Stopped

    with pytest.raises(Stopped):
        bring(people.anna, "customers", FILE, progress=Progress(tell))
    assert everything(Customer) == [] and everything(ImportJob) == [] and everything(Ownership) == []


def test_the_refused_rows_come_back_and_can_be_mended(people: People):
    imported = bring(people.anna, "customers", FILE)
    table = a_table(FILE)
    back = refused_file(table, imported.problems)
    assert back["Customer code"].tolist() == ["K3"]
    assert back["reason (import)"].tolist()[0].startswith("Level: 甲 is not one of: VIP")
    mended = back.assign(Level="A").to_csv(index=False)
    assert bring(people.anna, "customers", mended).job.added == 1


def test_a_mapping_that_does_not_fit_is_refused_as_a_whole(people: People):
    table = a_table(FILE)
    mapping = a_mapping(people.anna.actor, "customers", table, columns={"code": "Nothing", "name": "Customer name"})
    with open_as(people.anna.actor) as session, pytest.raises(CrmError, match="no column Nothing"):
        dry_run(session, "customers", table, mapping)


def test_ten_thousand_rows_with_five_percent_bad(people: People):
    lines = ["code,name,level,phone,email"]
    for number in range(10_000):
        bad = number % 20 == 7
        lines.append(f"K{number:05},Customer {number},{'nonsense' if bad else 'a'},1380013{number:04},c{number}@example.com")
    imported = bring(people.anna, "customers", "\n".join(lines))
    assert (imported.job.read, imported.job.added, imported.job.refused) == (10_000, 9_500, 500)
    assert set(imported.problems["reason_template"]) == {"{value} is not one of: {choices}."}
    with open_as(people.anna.actor) as session:
        assert session.scalar(select(func.count(Customer.id))) == 9_500


def test_a_customer_made_by_hand_is_found_again_by_the_file(people: People):
    with open_as(people.anna.actor) as session:
        add_customer(session, CustomerDetails(name="Aurora Music", code="K1"))
    assert bring(people.anna, "customers", FILE).job.changed == 1
