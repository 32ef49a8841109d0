import pytest

from crm.errors import Invalid, Refused
from crm.office.commands import TagInput, add_tag, remove_tag
from crm.office.queries import tag_choices, tags
from crm.session import open_as


def test_it_works(people):
    with open_as(people.anna.actor) as session:
        add_tag(session, TagInput(name=" Key account ", colour="green"))
        add_tag(session, TagInput(name="展会"))
    with open_as(people.chen.actor) as session:
        assert list(tag_choices(session).values()) == ["Key account", "展会"]
        assert tags(session).loc[0, ["name", "colour", "records"]].tolist() == ["Key account", "green", 0]


@pytest.mark.parametrize("name", ["amir"])
def test_refused_for_a_reader(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        add_tag(session, TagInput(name="Key account"))


@pytest.mark.parametrize("same", ["Key account", "KEY ACCOUNT", "Ключ", "ключ"])
def test_a_tag_exists_once_whatever_its_case(people, same):
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        add_tag(session, TagInput(name="Key account"))
        add_tag(session, TagInput(name="Ключ"))
        add_tag(session, TagInput(name=same))
    assert refusal.value.field == "name"


def test_a_removed_tag_comes_back_under_its_old_number(people):
    with open_as(people.ada.actor) as session:
        first = add_tag(session, TagInput(name="Key account")).id
        remove_tag(session, first)
        assert tag_choices(session) == {}
        assert add_tag(session, TagInput(name="key account")).id == first
        assert tag_choices(session) == {first: "key account"}
