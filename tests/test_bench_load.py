"""The load is what it says: people of all roles over real websockets, every failure counted, both databases, behind nginx."""

import datetime as dt
import json
import os
import shutil
import socket
import ssl
import sys
from collections import Counter
from contextlib import contextmanager
from http.client import HTTPSConnection
from itertools import islice, pairwise
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from crm.access import SYSTEM, Role
from crm.bench import load, load_client, main
from crm.bench.client import Answer, Screen, Tab, tab
from crm.bench.elsewhere import fill
from crm.bench.load_client import Load, Outcome, Sample, Usage
from crm.bench.load_people import MIXTURE, SHARES, WRITES, Person, Step, casting, people, steps
from crm.bench.load_proxy import proxy
from crm.bench.pages import scenes
from crm.bench.place import Place
from crm.bench.server import Server, cookie_of, running
from crm.customers.models import Customer
from crm.office.models import Activity
from crm.session import open_as
from crm.staff.models import SignInEvent, User
from crm.staff.sign_in import issue_ticket, open_browser_session
from crm.support.models import CaseComment

SECONDS = 5


# ------------------------------------------------------------------------------------------------------ figures


@pytest.mark.parametrize(
    ("most", "tried"),
    [(39, [40, 60, 100]), (40, [40, 60, 100]), (60, [60, 80, 100]), (100, [100, 120, 150]), (999, [100, 150, 200])],
)
def test_the_largest_number_is_found_in_three_trials(most, tried):
    assert load.largest(load.LADDER, lambda count: count <= most) == tried


def test_a_ladder_of_one_is_tried():
    assert load.largest([7], lambda count: True) == load.largest([7], lambda count: False) == [7]


def outcome(*seconds: float, errors: dict[int, str] | None = None) -> Outcome:
    samples = [Sample(10 + n, each, "Customers", "rep", False, (errors or {}).get(n, "")) for n, each in enumerate(seconds)]
    early = [Sample(2, 9.0, "Overview", "lead", False, "no markdown is shown")] if errors else []
    usage = [Usage(0, [5, 5], 300, 1), Usage(10, [10, 6], 330, 2), Usage(20, [14, 12], 360, 3)]
    return Outcome([*early, *samples], usage)


def test_a_trial_tells_what_happened_between_the_two_moments():
    found = load.judge(3, outcome(*[0.1] * 19, 0.9))
    assert (found.p50, found.p95, found.p99, found.runs, found.errors) == (0.1, 0.1, 0.9, 20, [])
    assert (found.cpu, found.rate, found.client, found.before, found.after) == ([0.4, 0.6], 2.0, 0.1, 300, 360)
    assert found.pages == {"Customers": (20, 0.1, 0.1)}
    assert found.holds


def test_slow_answers_or_one_error_at_any_time_do_not_hold():
    assert not load.judge(3, outcome(*[0.1] * 18, 1.0, 1.0)).holds
    failed = load.judge(3, outcome(*[0.1] * 20, errors={3: "KeyError"}))
    assert not failed.holds
    assert failed.errors == ["lead, Overview: no markdown is shown", "rep, Customers: KeyError"]
    assert failed.p99 == 0.1


def test_what_was_measured_is_not_measured_again_until_the_product_changes(tmp_path):
    measured = []

    def attempt(wish, count, tell):
        measured.append((wish.processes, count))
        return load.judge(count, outcome(*[count / 90] * 10))

    wish = load.Wish(Place(tmp_path), 1, 5, 5)
    first = load.measure(wish, attempt=attempt)
    assert measured == [(1, 100), (1, 60), (1, 80)]
    assert "no error: **80**" in first
    assert "| 100 | 1,111 ms | **1,111 ms** |" in first
    assert load.measure(wish, attempt=attempt) == first
    load.measure(load.Wish(Place(tmp_path), 2, 5, 5), [60], attempt=attempt)
    assert measured[3:] == [(2, 60)]
    file = tmp_path / "load.json"
    file.write_text(file.read_text().replace(load.fingerprint(), "older"))
    load.measure(wish, [80], attempt=attempt)
    assert measured[4:] == [(1, 80)]


# ------------------------------------------------------------------------------------------------------ the people


@pytest.mark.parametrize("count", [100, 120])
def test_people_of_all_roles_in_their_shares(count):
    cast = Counter(casting(count))
    assert {role: abs(cast[role] - share * count / 100) < 1 for role, share in SHARES.items()} == dict.fromkeys(SHARES, True)
    assert len(set(casting(5))) > 1


def test_every_weight_is_of_a_page_that_is_there_and_a_hundred_in_all():
    known = {scene.name for scene in scenes([1], [1], [1])}
    assert {role: sum(mixture.values()) for role, mixture in MIXTURE.items()} == dict.fromkeys(SHARES, 100)
    assert [name for mixture in MIXTURE.values() for name in mixture if name not in known] == []


def person(role: Role, seed: int = 3) -> Person:
    known = [scene for scene in scenes([1, 2], [3, 4], [5, 6]) if scene.name in MIXTURE[role]]
    described = [{"name": s.name, "page": s.page, "queries": s.queries, "shows": s.shows, "cpu": s.cpu} for s in known]
    return Person("somebody", role.value, "", seed, described)


@pytest.mark.parametrize("role", [Role.REP, Role.LEAD, Role.DIRECTOR, Role.AGENT])
@pytest.mark.parametrize("seed", range(4))
def test_every_twentieth_action_saves_on_the_page_it_belongs_to(role, seed):
    day = list(islice(steps(person(role, seed)), 50 * WRITES))
    saved = [number for number, step in enumerate(day) if step.writes]
    assert {after - before for before, after in pairwise(saved)} <= set(range(WRITES - 2, WRITES + 3))
    assert len(saved) in (49, 50, 51)
    used = [number for number, step in enumerate(day) if step.uses]
    assert all(day[number - 1].page in ("customer", "opportunity", "case") or day[number - 1].uses for number in used)
    assert day == list(islice(steps(person(role, seed)), 50 * WRITES))
    assert day != list(islice(steps(person(role, seed + 10)), 50 * WRITES))


def test_an_executive_saves_nothing():
    assert not any(step.uses for step in islice(steps(person(Role.EXECUTIVE)), 200))


# ---------------------------------------------------------------------------------------------- the whole, small


@pytest.fixture(autouse=True)
def no_page_is_main(monkeypatch):
    """A page that was tried in this process before has put itself there; new processes would begin by running it."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("load") / "data"
    main(["data", "--customers", "600", "--lines", "9000", "--deals", "400", "--cases", "600", "--out", str(folder)])
    return Place(folder)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request, firm):
    if request.param == "sqlite":
        yield firm
        return
    server = request.getfixturevalue("postgres_server")
    server.create("load")
    place = Place(firm.folder, server.url("load"))
    fill(firm, place, tell=lambda told: None)
    yield place
    server.drop("load")


def test_three_people_work_for_five_seconds(place):
    told: list[str] = []
    text = load.measure(load.Wish(place, 1, SECONDS, 0.5), [3], told.append)
    kept = json.loads((place.folder / "load.json").read_text())
    found = kept[next(key for key in kept if f"load-{'postgresql' if place.url else 'sqlite'}-1" in key)]["3"]
    assert found["errors"] == []
    assert found["runs"] >= 3
    assert 0 < found["p50"] <= found["p95"] <= found["p99"]
    assert found["before"] > 100
    assert len(found["cpu"]) == 1
    assert "3 people" in told[0]
    assert "| 3 |" in text


def test_a_filled_database_is_not_filled_again(place, firm):
    told: list[str] = []
    fill(firm, place, told.append)
    assert told == []


# ---------------------------------------------------------------------------------------------- what goes wrong


def username_of(role: Role) -> str:
    with open_as(SYSTEM) as session:
        return session.scalars(select(User.username).where(User.role == role).order_by(User.id).limit(1)).one()


def only(page: str, shows: str, cookie: str) -> Person:
    """An agent who does nothing but open this page."""
    scene = {"name": "Inbox", "page": page, "queries": ("",), "shows": shows, "cpu": None}
    return Person("agent", Role.AGENT.value, cookie, 1, [scene])


def errors_of(address: str, *people: Person) -> list[set[str]]:
    """-> what each person met; the first action of everybody is the start page."""
    found = [load_client.work(Load(address, [os.getpid()], [one], 1.5, 0.2)).samples for one in people]
    return [{sample.error for sample in samples if sample.name != "Overview"} for samples in found]


def count(kind, *where) -> int:
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(kind.id)).where(*where)) or 0


def saves_what_it_says(server: Server) -> None:
    def standing() -> tuple[int, ...]:
        return count(Activity), count(Customer, Customer.industry == "Machines"), count(CaseComment)

    before, crowd = standing(), {Role(one.role): one for one in people(6)}
    for role, kinds in ((Role.REP, 3), (Role.AGENT, 1)):
        day = list(islice(steps(crowd[role]), (kinds + 1) * WRITES))
        saved = [number for number, step in enumerate(day) if step.writes][:kinds]
        with tab(server, crowd[role].cookie) as browser:
            for step in (step for number in saved for step in led_to(day, number)):
                answer = used(browser, step.uses) if step.uses else browser.open(step.page, step.query)
                assert (step.name, answer.failure, step.shows in answer.elements) == (step.name, "", True)
    assert standing() == (before[0] + 2, before[1] + 1, before[2] + 1)


def led_to(day: list[Step], number: int) -> list[Step]:
    """What was done on the page before, from its opening on."""
    opened = max(n for n in range(number) if not day[n].uses)
    return day[opened : number + 1]


def test_saves_are_saved_and_a_refusal_a_page_that_is_not_there_and_a_stranger_are_errors(firm):
    with firm.opened(), running(firm) as server:
        saves_what_it_says(server)
        cookie = cookie_of(username_of(Role.AGENT))
        good, refused = only("inbox", "markdown", cookie), only("people", "dataframe", cookie)
        missing, stranger = only("nowhere", "markdown", cookie), only("inbox", "page_link", "crm_session=guessed")
        assert errors_of(server.address, good, refused, missing, stranger) == [
            {""},
            {"no dataframe is shown"},
            {"Page not found"},
            {"no page_link is shown"},
        ]
    assert "ConnectionRefusedError" in errors_of(server.address, good)[0].pop()


def test_an_exception_in_a_page_and_a_widget_that_is_not_shown_are_errors():
    drawn, ended = ForwardMsg(), ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
    drawn.delta.new_element.exception.type, drawn.delta.new_element.exception.message = "ValueError", "of the page"
    screen, answer = Screen(), Answer()
    assert [screen.read(message.SerializeToString(), answer) for message in (drawn, ended)] == [False, True]
    assert answer.failure == "ValueError of the page"
    with pytest.raises(KeyError, match=r"nothing called customer\.edit is shown"):
        screen.use({"customer.edit": True})


# ------------------------------------------------------------------------------------------------ behind nginx

needs_nginx = pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not installed")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    key, now = rsa.generate_private_key(65537, 2048), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
    (folder / "crm.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    forms = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "crm.key").write_bytes(key.private_bytes(*forms))
    return folder


def asked(address: str, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, list[str]]:
    """-> status and the cookies that are set"""
    connection = HTTPSConnection(urlsplit(address).netloc, context=ssl._create_unverified_context(), timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get_all("Set-Cookie") or []


@contextmanager
def tab_at(address: str, cookie: str, **headers: str):
    """A browser of another machine: it has the address 127.0.0.2."""
    stream = f"{address.replace('https', 'wss')}/_stcore/stream"
    about = {"origin": address, "additional_headers": {"Cookie": cookie, **headers}, "subprotocols": ["streamlit"]}
    plug = socket.create_connection(("127.0.0.1", urlsplit(address).port), source_address=("127.0.0.2", 0))
    with connect(stream, sock=plug, ssl=ssl._create_unverified_context(), max_size=None, **about) as connection:
        yield Tab(connection)


def used(screen_tab: Tab, values: dict[str, object]) -> Answer:
    answer = Answer()
    screen_tab.connection.send(screen_tab.screen.use(values))
    while not screen_tab.screen.read(screen_tab.connection.recv(), answer):
        pass
    return answer


@needs_nginx
def test_two_processes_behind_nginx(firm, certificate):
    """The documented configuration: one process for a browser, the true address, https, and what it does when one is gone."""
    with firm.opened(), running(firm) as one, running(firm) as two, proxy([one.port, two.port], certificate) as address:
        cookie = cookie_of(username_of(Role.REP))
        (status, (place,)) = asked(address, "/")
        assert status == 200
        assert place.startswith("crm_place=")
        assert place.endswith("Path=/; Secure; HttpOnly; SameSite=Lax")
        assert asked(address, "/", Cookie="crm_place=chosen") == (200, [])
        assert asked(address, "/healthz", Cookie="crm_place=x")[0] == 200
        assert asked(address, "/_stcore/metrics", Cookie="crm_place=x")[0] == 404

        kept = {"Origin": address, "Content-Type": "application/json", "Cookie": "crm_place=x"}
        with open_as(SYSTEM) as session:
            user_id = session.scalars(select(User.id).where(User.role == Role.REP).limit(1)).one()
        ticket = json.dumps({"ticket": issue_ticket(open_browser_session(user_id))})
        status, (given,) = asked(address, "/session", "POST", ticket, **kept)
        assert status == 204
        assert "Secure" in given
        assert asked(address, "/session", "POST", ticket, **kept | {"Origin": "https://elsewhere.example"})[0] == 403

        places = [f"crm_place={number}" for number in range(8)]
        homes = [home_of(address, f"{cookie}; {place}", (one, two)) for place in places]
        assert {home_of(address, f"{cookie}; {places[0]}", (one, two)) for _ in range(3)} == {homes[0]}
        assert set(homes) == {0, 1}

        with tab_at(address, places[0], **{"X-Forwarded-For": "203.0.113.9"}) as browser:
            browser.open("")
            used(browser, {"User name": "nobody", "Password": "wrong", "FormSubmitter:*": True})
        with open_as(SYSTEM) as session:
            told = session.scalars(select(SignInEvent.origin).order_by(SignInEvent.id.desc()).limit(1)).one()
        assert "127.0.0.2" in told

        one.process.terminate()
        one.process.wait(20)
        for place in places:
            with tab_at(address, f"{cookie}; {place}") as browser:
                assert "dataframe" in browser.open("customers").elements


def home_of(address: str, cookie: str, servers: tuple[Server, ...]) -> int:
    """Which of the processes works for this browser."""
    before = [server.cpu() for server in servers]
    with tab_at(address, cookie) as browser:
        browser.open("inbox")
    worked = [server.cpu() - cpu for server, cpu in zip(servers, before, strict=True)]
    return worked.index(max(worked))
