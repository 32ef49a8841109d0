"""Real customer bases: CDNOW comes with lifetimes; Online Retail lies in a folder outside the repository."""

import os
from pathlib import Path

import lifetimes
import pandas as pd
import pytest
from hypothesis import settings

settings.register_profile("analytics", deadline=None)  # the speed of a shared machine is no property of the figures
settings.load_profile("analytics")

REAL_DATA = Path(os.environ.get("CRM_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))


@pytest.fixture(scope="session")
def cdnow_orders() -> pd.DataFrame:
    """The 1/10 sample, 2,357 customers, as customer_id, date, amount; one row per purchase, free ones included."""
    file = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    columns = ["master_id", "customer_id", "date", "quantity", "amount"]
    purchases = pd.read_csv(file, sep=r"\s+", names=columns)
    purchases["date"] = pd.to_datetime(purchases["date"].astype(str))
    return purchases[["customer_id", "date", "amount"]]


@pytest.fixture(scope="session")
def cdnow_summary(cdnow_orders: pd.DataFrame) -> pd.DataFrame:
    """Weeks 1 to 39 and the purchase days of weeks 40 to 78, counted here by hand; 1997-01-01 is day 1."""
    days = cdnow_orders[["customer_id", "date"]].drop_duplicates()
    day = (days["date"] - pd.Timestamp("1996-12-31")).dt.days
    everything = day.groupby(days["customer_id"])
    known = day[day <= 273].groupby(days["customer_id"])
    return pd.DataFrame(
        {
            "frequency": known.size() - 1,
            "recency": (known.max() - known.min()) / 7,
            "T": (273 - known.min()) / 7,
            "frequency_holdout": everything.size() - known.size(),
            "duration_holdout": 39.0,
        }
    )


@pytest.fixture(scope="session")
def online_retail_orders() -> pd.DataFrame:
    """Online Retail (UCI no. 352): one row per invoice; lines with a customer, a quantity and a price."""
    file = REAL_DATA / "online_retail" / "online_retail.parquet"
    if not file.exists():
        pytest.skip("Online Retail is not here: set CRM_REAL_DATA to the folder that holds online_retail/.")
    lines = pd.read_parquet(file)
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    lines = lines.assign(amount=lines["Quantity"] * lines["UnitPrice"])
    invoices = lines.groupby("InvoiceNo")
    orders = invoices.agg(customer_id=("CustomerID", "first"), date=("InvoiceDate", "min"), amount=("amount", "sum"))
    return orders.reset_index(drop=True)
