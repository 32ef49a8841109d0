import pytest

from crm.catalogue.commands import CategoryInput, add_category
from crm.session import open_as


@pytest.fixture
def tree(people):
    """name -> id of two categories, the first with two below it"""
    made = {}
    with open_as(people.bao.actor) as session:
        for name, above in [("Machines", None), ("Drills", "Machines"), ("Presses", "Machines"), ("Services", None)]:
            made[name] = add_category(session, CategoryInput(name=name, parent_id=made.get(above))).id
    return made
