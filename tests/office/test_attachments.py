import datetime as dt
import os
import time
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.customers.commands import merge, undo_merge
from crm.customers.models import Customer
from crm.database import now
from crm.errors import Invalid, NotFound, Refused
from crm.jobs import JOBS
from crm.office import documents
from crm.office.commands import (
    AttachmentDetails,
    add_attachment,
    edit_attachment,
    remove_attachment,
    restore_attachment,
    sweep_documents,
)
from crm.office.file_types import clean_name, media_type
from crm.office.models import Attachment
from crm.office.queries import attachments_of, content_of, may_attach
from crm.session import WITH_DELETED, get, open_as
from crm.settings import settings
from tests.factories import a_case, a_contract, a_customer, an_opportunity

PDF = b"%PDF-1.7\nthe offer"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)


def zipped(*names):
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


def attach(person, customer, name="offer.pdf", content=PDF, **told):
    with open_as(person.actor) as session:
        return add_attachment(session, "customer", customer.id, name, content, **told)


def files(person, customer):
    with open_as(person.actor) as session:
        return attachments_of(session, "customer", [customer.id])


def on_disk():
    return sorted(file.name for file in settings().documents.glob("*/*"))


@pytest.fixture
def offer(people, customer):
    """anna's, on her customer"""
    return attach(people.anna, customer, note="As sent")


def test_it_works(people, customer, offer):
    found = files(people.anna, customer)
    columns = ["name", "media_type", "size", "note", "author"]
    assert found[columns].values.tolist() == [["offer.pdf", "application/pdf", len(PDF), "As sent", "Anna Lindqvist"]]
    with open_as(people.anna.actor) as session:
        assert content_of(session, offer.id) == PDF


@pytest.mark.parametrize("name", ["opportunity", "contract", "service_case"])
def test_other_records_too(people, customer, name):
    made = {"opportunity": an_opportunity, "contract": a_contract, "service_case": a_case}[name](people.anna, customer)
    with open_as(people.anna.actor) as session:
        add_attachment(session, name, made.id, "offer.pdf", PDF)
        assert attachments_of(session, name, [made.id])["name"].tolist() == ["offer.pdf"]
    assert files(people.anna, customer).empty


def test_nothing_hangs_on_what_is_not_a_record(people):
    with pytest.raises(Invalid, match="Nothing can be attached"), open_as(people.anna.actor) as session:
        add_attachment(session, "tag", 1, "offer.pdf", PDF)


# ------------------------------------------------------------------------------------------------------ who may


def test_hidden_from_a_stranger(people, customer, offer):
    for ask in (lambda session: content_of(session, offer.id), lambda session: remove_attachment(session, offer.id)):
        with pytest.raises(NotFound), open_as(people.chen.actor) as session:
            ask(session)
    with pytest.raises(NotFound):
        attach(people.chen, customer)
    assert files(people.chen, customer).empty


@pytest.mark.parametrize("name", ["amir", "gia"])
def test_who_only_reads_attaches_nothing(people, customer, offer, name):
    reader = getattr(people, name)
    assert len(files(reader, customer)) == 1
    with open_as(reader.actor) as session:
        assert content_of(session, offer.id) == PDF
        assert not may_attach(session, "customer", customer.id)
    with pytest.raises(Refused):
        attach(reader, customer, "other.pdf", PDF + b"!")
    with pytest.raises(Refused), open_as(reader.actor) as session:
        remove_attachment(session, offer.id)
    assert on_disk() == [offer.sha256], "what is refused does not reach the disk"


def test_whoever_may_change_the_record_may_take_away_what_another_attached(people, customer, offer):
    with open_as(people.ben.actor) as session:
        assert may_attach(session, "customer", customer.id)
        remove_attachment(session, offer.id)
    assert files(people.anna, customer).empty


def test_a_deleted_record_hides_its_files(people, customer, offer):
    with open_as(SYSTEM) as session:
        get(session, Customer, customer.id).deleted_at = now()
    assert files(people.anna, customer).empty
    with pytest.raises(NotFound), open_as(people.anna.actor) as session:
        content_of(session, offer.id)


def test_they_follow_a_merge_and_come_back(people, customer, offer):
    kept = a_customer(people.anna)
    with open_as(people.ben.actor) as session:
        merged = merge(session, kept.id, customer.id)
    assert files(people.anna, kept)["id"].tolist() == [offer.id]
    with open_as(people.ben.actor) as session:
        undo_merge(session, merged.id)
    assert files(people.anna, customer)["id"].tolist() == [offer.id]


def test_the_log_tells_of_it(people, customer, offer):
    with open_as(people.anna.actor) as session:
        edit_attachment(session, offer.id, AttachmentDetails(name="signed"), offer.version)
        remove_attachment(session, offer.id)
    with open_as(SYSTEM) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.record_type == "attachment").order_by(AuditEntry.id)).all()
    assert [(one.action, one.record_title) for one in entries] == [
        ("create", "offer.pdf"),
        ("change", "signed.pdf"),
        ("delete", "signed.pdf"),
    ]
    assert {(one.subject_type, one.subject_id) for one in entries} == {("customer", customer.id)}


# ------------------------------------------------------------------------------------------------------- bytes


def test_two_same_files_are_one(people, customer, offer):
    attach(people.anna, a_customer(people.anna))
    assert on_disk() == [offer.sha256]


def test_the_same_file_hangs_once_on_a_record(people, customer, offer):
    with pytest.raises(Invalid, match=r"copy\.pdf is here already, as offer\.pdf"):
        attach(people.anna, customer, "copy.pdf")


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_bytes(b"%PDF-1.7\nthe other")])
def test_a_file_that_is_missing_or_changed_is_not_given_out(people, customer, offer, spoil):
    file = settings().documents / offer.sha256[:2] / offer.sha256
    spoil(file)
    assert files(people.anna, customer)["stands"].tolist() == [False]
    with pytest.raises(Invalid, match=r"offer\.pdf is missing .* or it was changed"), open_as(people.anna.actor) as session:
        content_of(session, offer.id)
    attach(people.anna, a_customer(people.anna))
    with open_as(people.anna.actor) as session:
        assert content_of(session, offer.id) == PDF, "attached again, it is whole again"


def test_a_row_that_is_refused_leaves_at_most_a_file(people, customer):
    with pytest.raises(ZeroDivisionError), open_as(people.anna.actor) as session:
        added = add_attachment(session, "customer", customer.id, "offer.pdf", PDF)
        assert documents.content(added.sha256) == PDF, "before the commit"
        1 / 0
    assert files(people.anna, customer).empty and len(on_disk()) == 1


def test_what_cannot_be_written_leaves_nothing(people, customer):
    settings().documents.parent.joinpath("documents").write_text("a file in the place of the folder")
    with pytest.raises(OSError):
        attach(people.anna, customer)
    assert files(people.anna, customer).empty


def test_too_large(people, customer, monkeypatch):
    monkeypatch.setattr(settings(), "attachment_megabytes", 1)
    with pytest.raises(Invalid, match="at most 1 MB"):
        attach(people.anna, customer, content=PDF + bytes(1024 * 1024))
    assert on_disk() == []


# ----------------------------------------------------------------------------------------------- names and types


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/offer.pdf", "offer.pdf"),
        ("C:\\Users\\anna\\offer.pdf", "offer.pdf"),
        ("of\x00fer\n 2.pdf", "offer 2.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("报价 单.PDF", "报价 单.PDF"),
        ("...pdf", "pdf"),
        ("a<b>|c?.pdf", "a_b__c_.pdf"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.JPG", JPEG, "image/jpeg"),
        ("a.png", JPEG, "image/jpeg"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic", "image/heic"),
        ("a.docx", zipped("[Content_Types].xml", "word/document.xml"), DOCX),
        ("a.zip", zipped("a.txt"), "application/zip"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), "application/x-ole-storage"),
        ("a.eml", b"From: desk@aurora.example\r\n\r\nHello", "text/plain"),
        ("a.txt", "订单".encode("gb18030"), "text/plain"),
        ("a.csv", "订单".encode("utf-16"), "text/plain"),
    ],
)
def test_what_may_be_attached(name, content, told):
    assert media_type(name, content) == told


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.exe", b"MZ", "cannot be attached"),
        ("a.html", b"<html>", "cannot be attached"),
        ("a.svg", b"<svg>", "cannot be attached"),
        ("a.js", b"alert(1)", "cannot be attached"),
        ("a.docm", zipped("[Content_Types].xml", "word/document.xml"), "cannot be attached"),
        ("noending", PDF, "cannot be attached"),
        ("a.pdf", b"MZ\x90\x00", "not what its ending says"),
        ("a.pdf", b"<html>", "not what its ending says"),
        ("a.txt", b"MZ\x90\x00\x03", "not what its ending says"),
        ("a.png", PDF, "not what its ending says"),
        ("a.docx", zipped("a.exe"), "not what its ending says"),
        ("a.zip", b"PK\x03\x04 broken", "not what its ending says"),
        ("a.pdf", b"", "is empty"),
    ],
)
def test_what_may_not(name, content, why):
    with pytest.raises(Invalid, match=why):
        media_type(name, content)


def test_text_that_a_browser_would_run_is_plain_text():
    assert media_type("a.txt", b"<script>alert(1)</script>") == "text/plain"


@pytest.mark.parametrize(
    ("given", "kept"), [("signed", "signed.pdf"), ("signed.exe", "signed.exe.pdf"), ("Signed.PDF", "Signed.PDF")]
)
def test_a_file_keeps_its_ending(people, customer, offer, given, kept):
    with open_as(people.anna.actor) as session:
        assert edit_attachment(session, offer.id, AttachmentDetails(name=given), offer.version).name == kept


# ---------------------------------------------------------------------------------------------------- coming back


def aged(offer):
    """The file lies there since long."""
    long_ago = time.time() - 40 * 86_400
    os.utime(settings().documents / offer.sha256[:2] / offer.sha256, (long_ago, long_ago))


def removed(person, offer, days):
    with open_as(person.actor) as session:
        remove_attachment(session, offer.id)
    with open_as(SYSTEM) as session:
        get(session, Attachment, offer.id, with_deleted=True).deleted_at = now() - dt.timedelta(days)


def test_taken_away_and_back(people, customer, offer):
    removed(people.anna, offer, 29)
    aged(offer)
    assert JOBS["documents"](None) == {"removed": 0}
    with open_as(people.anna.actor) as session:
        restore_attachment(session, offer.id)
        assert content_of(session, offer.id) == PDF


def test_after_a_month_it_is_gone(people, customer, offer):
    removed(people.anna, offer, 31)
    aged(offer)
    assert JOBS["documents"](None) == {"removed": 1}
    assert JOBS["documents"](None) == {"removed": 0}
    with pytest.raises(Invalid, match="more than 30 days ago"), open_as(people.anna.actor) as session:
        restore_attachment(session, offer.id)


def test_it_stays_while_another_record_has_it(people, customer, offer):
    attach(people.chen, a_customer(people.chen))
    removed(people.anna, offer, 31)
    aged(offer)
    assert JOBS["documents"](None) == {"removed": 0}


def test_what_a_crash_left_goes_once_it_is_old(people, customer, offer):
    orphan = settings().documents / "ab" / ".unfinished"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"half")
    assert JOBS["documents"](None) == {"removed": 0}
    os.utime(orphan, (0, 0))
    aged(offer)
    assert JOBS["documents"](None) == {"removed": 1}
    assert on_disk() == [offer.sha256]


def test_nobody_sweeps_who_does_not_see_all(people, customer, offer):
    for person in (people.ada, people.eve):
        with pytest.raises(Refused), open_as(person.actor) as session:
            sweep_documents(session)


def test_a_stranger_brings_nothing_back(people, customer, offer):
    removed(people.anna, offer, 1)
    for person, kind in ((people.chen, NotFound), (people.amir, Refused)):
        with pytest.raises(kind), open_as(person.actor) as session:
            restore_attachment(session, offer.id)
    with open_as(SYSTEM) as session:
        assert session.scalars(select(Attachment.deleted_at), execution_options={WITH_DELETED: True}).one() is not None
