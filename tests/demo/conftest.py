"""The demo company, filled once for all tests that look at it."""

import shutil

import pytest

from crm.demo import fill
from tests.conftest import new_database, pointed_at


@pytest.fixture(scope="session")
def filled(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    with new_database("sqlite", False, request, folder):
        fill()
    return folder / "crm.db"


@pytest.fixture(scope="module")
def company(filled, tmp_path_factory):
    """-> the url of a copy of this module alone"""
    file = tmp_path_factory.mktemp("company") / "crm.db"
    shutil.copyfile(filled, file)
    with pointed_at(f"sqlite:///{file}", file.parent):
        yield f"sqlite:///{file}"
