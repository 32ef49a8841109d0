import pytest

from crm.access import SYSTEM
from crm.errors import Refused
from crm.office.commands import log_export
from crm.office.models import ImportJob
from crm.office.queries import PAGE_SIZE, export_count, exports, import_count, imports
from crm.session import open_as


def test_it_works_newest_first_a_page_at_a_time(people):
    with open_as(people.amir.actor) as session:
        for rows in range(PAGE_SIZE + 1):
            log_export(session, "customers", "csv", rows, {"region": ["East"]})
        first, second = exports(session), exports(session, page=2)
        assert first["rows"].tolist() == list(range(PAGE_SIZE, 0, -1))
        assert second[["user", "what", "format", "rows", "filters"]].values.tolist() == [
            ["Amir Haddad", "customers", "csv", 0, {"region": ["East"]}]
        ]
        assert export_count(session) == PAGE_SIZE + 1


@pytest.mark.parametrize("name", ["gia", "ada"])
def test_refused_for_whoever_may_not_export(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        log_export(session, "customers", "csv", 1, {})


def test_each_area_has_its_own_permission(people):
    with open_as(people.ada.actor) as session:
        log_export(session, "products", "xlsx", 3, {}, area="catalogue")
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        log_export(session, "products", "xlsx", 3, {}, area="catalogue")


def test_it_is_seen_by_its_author_and_by_those_who_see_the_whole_office(people):
    with open_as(people.anna.actor) as session:
        log_export(session, "customers", "csv", 5, {})
    for name, seen in {"anna": 1, "chen": 0, "eve": 1}.items():
        with open_as(getattr(people, name).actor) as session:
            assert export_count(session) == len(exports(session)) == seen


def test_imports_are_listed_the_same_way(people):
    counts = {"read": 9, "added": 5, "changed": 2, "unchanged": 1, "refused": 1}
    with open_as(SYSTEM) as session:
        about = {"target": "orders", "file_name": "june.csv", "sha256": "0" * 64, "mapping": {}, "detail": {}}
        session.add(ImportJob(user_id=people.anna.id, **about, **counts))
    with open_as(people.anna.actor) as session:
        (row,) = imports(session).to_dict("records")
        assert (row["user"], row["file_name"], row["added"], row["refused"]) == ("Anna Lindqvist", "june.csv", 5, 1)
        assert import_count(session) == 1
