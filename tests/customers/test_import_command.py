"""`python -m crm import`: in whose name, what it says, what it leaves when it is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.imports import find_mapping, known_mappings, run_file, save_mapping
from crm.customers.models import Customer, Order, OrderLine, Ownership
from crm.errors import CrmError, Invalid
from crm.exchange.mapping import Mapping
from crm.office.models import ImportJob
from crm.session import open_as
from crm.settings import ROOT
from tests.factories import a_customer
from tests.people import People

LINES = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n1,P1,2,2026-05-01,10,K1\n2,P1,1,2026-05-01,10,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lines.csv"
    path.write_text(LINES)
    return path


def everything(kind):
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(kind).order_by(kind.id)))


def test_it_works_in_the_name_of_the_director_of_the_first_board(people: People, file: Path):
    told: list[str] = []
    outcome = run_file(file, "orders", speak=told.append)
    assert (outcome.read, outcome.added, outcome.refused) == (2, 1, 1)
    (customer,) = everything(Customer)
    assert (customer.owner_id, customer.board_id) == (people.dana.id, people.dana.board_id)
    assert customer.segment is not None
    assert everything(ImportJob)[0].user_id == people.dana.id
    assert told[0] == "In the name of Dana Novak, who becomes the owner of new customers."
    assert "2 rows read: 1 new, 0 changed, 0 unchanged, 1 refused." in told


def test_the_refused_rows_lie_beside_the_file_with_their_reason(people: People, file: Path):
    outcome = run_file(file, "orders", speak=lambda line: None)
    assert outcome.refused_path == file.parent / "lines.refused.csv"
    text = outcome.refused_path.read_text("utf-8-sig")
    assert text.splitlines()[1] == "2,P1,1,2026-05-01,10,,CustomerID: This line names no customer."


def test_only_trying_writes_nothing(people: People, file: Path):
    told: list[str] = []
    outcome = run_file(file, "orders", only_try=True, speak=told.append)
    assert outcome.added == 1 and everything(Order) == [] and everything(ImportJob) == []


def test_as_a_person_with_the_rights_of_that_person(people: People, file: Path):
    run_file(file, "orders", as_username="anna", speak=lambda line: None)
    assert everything(Customer)[0].owner_id == people.anna.id
    with pytest.raises(CrmError, match="does not allow"):
        run_file(file, "orders", as_username="amir", speak=lambda line: None)
    with pytest.raises(Invalid, match="Nobody has the user name"):
        run_file(file, "orders", as_username="nobody", speak=lambda line: None)


def test_an_owner_may_be_named(people: People, file: Path):
    run_file(file, "orders", owner="emil", speak=lambda line: None)
    assert everything(Customer)[0].board_id == people.emil.board_id


def test_a_file_that_is_not_there_or_no_table_is_told(people: People, tmp_path: Path):
    with pytest.raises(CrmError, match=r"nothing\.csv cannot be read"):
        run_file(tmp_path / "nothing.csv", "orders", speak=lambda line: None)
    (tmp_path / "page.csv").write_text("<html><table></table></html>")
    with pytest.raises(CrmError, match="web page"):
        run_file(tmp_path / "page.csv", "orders", speak=lambda line: None)


def test_an_empty_installation_says_what_is_missing(database: str, file: Path):
    with pytest.raises(Invalid, match="There is no board"):
        run_file(file, "orders", speak=lambda line: None)


def test_a_saved_mapping_is_found_again_by_everybody(people: People, file: Path):
    mapping = Mapping(
        name="", target="orders", columns={"order_number": "InvoiceNo"}, key="customer_code", constants={"kind": "return"}
    )
    with open_as(people.anna.actor) as session:
        save_mapping(session, " ours ", mapping)
    with open_as(people.chen.actor) as session:
        assert find_mapping(session, "orders", "ours").constants == {"kind": "return"}
        assert set(known_mappings(session, "orders")) == {"online_retail", "ours"}
        with pytest.raises(Invalid, match="There is no mapping theirs for orders"):
            find_mapping(session, "orders", "theirs")


KILLED = """
import sys
from pathlib import Path
from crm.customers.imports import run_file

def speak(line):
    if line.startswith("Order lines"):
        print("inside", flush=True)
        sys.stdin.read()

run_file(Path(sys.argv[1]), "orders", speak=speak)
"""


def test_killed_in_the_middle_nothing_of_the_file_is_there_and_the_rest_is_whole(people: People, database: str, file: Path):
    """It says when the order lines are inserted, and waits; so it is killed before it can commit, and cannot roll back."""
    before = a_customer(people.anna, code="K0", name="Was here before")
    environment = os.environ | {"DATABASE_URL": database, "CRM_DATA_DIR": str(file.parent), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout.readline() == "inside\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert [one.name for one in everything(Customer)] == [before.name]
    assert everything(ImportJob) == [] and everything(Order) == [] and everything(OrderLine) == []
    assert len(everything(Ownership)) == 1
    assert run_file(file, "orders", speak=lambda line: None).added == 1
