"""Real files, where they are: in $CRM_REAL_DATA, or beside the repository."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("CRM_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the folder of real data is absent (set CRM_REAL_DATA)")
    return folder
