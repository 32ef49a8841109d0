import numpy as np

from crm.analytics.clv.bench import measure


def test_a_row_for_each_work_and_size() -> None:
    table = measure([400], include_lifetimes=False)
    assert list(table) == ["work", "customers", "lifetimes_s", "ours_s", "ratio", "peak_mb"]
    assert len(table) == 6
    assert (table["ours_s"] > 0).all()
    assert (table["peak_mb"] > 0).all()
    assert table["lifetimes_s"].isna().all()


def test_lifetimes_stands_beside_it() -> None:
    table = measure([300], include_lifetimes=True)
    measured = table.dropna(subset="lifetimes_s")
    assert len(measured) >= 4
    assert np.allclose(measured["ratio"], measured["lifetimes_s"] / measured["ours_s"])
