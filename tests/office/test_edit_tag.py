import pytest

from crm.errors import Invalid, Refused, Stale
from crm.office.commands import TagInput, add_tag, edit_tag
from crm.office.queries import tag_choices
from crm.session import open_as


def test_it_works(people, tagged):
    with open_as(people.chen.actor) as session:
        edit_tag(session, tagged, TagInput(name="key account"), 1)
        assert tag_choices(session) == {tagged: "key account"}


def test_refused_for_a_reader(people, tagged):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        edit_tag(session, tagged, TagInput(name="Other"), 1)


def test_it_takes_no_name_of_another(people, tagged):
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        add_tag(session, TagInput(name="VIP guest"))
        edit_tag(session, tagged, TagInput(name="vip guest"), 1)


def test_a_second_save_is_refused(people, tagged):
    with open_as(people.chen.actor) as session:
        edit_tag(session, tagged, TagInput(name="Key customer"), 1)
    with pytest.raises(Stale), open_as(people.anna.actor) as session:
        edit_tag(session, tagged, TagInput(name="Main customer"), 1)
