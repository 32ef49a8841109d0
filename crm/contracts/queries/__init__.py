"""What can be asked about contracts, receipts, invoices, and what is still owed."""

from crm.contracts.queries.contracts import (
    EVERY_CONTRACT,
    ContractFilter,
    contract,
    contract_list,
    contract_sums,
    contract_totals,
    renewals_due,
)
from crm.contracts.queries.invoices import invoices_of, order_balance
from crm.contracts.queries.receipts import (
    EVERY_RECEIPT,
    ReceiptFilter,
    allocations_of,
    free_of,
    open_lines,
    plan_check,
    plan_of,
    receipt,
    receipt_list,
    receipt_totals,
)
from crm.contracts.queries.receivables import AGES, overdue_by_age, overdue_lines, receivables
from crm.contracts.queries.trace import STEPS, customers_kept, trace

__all__ = [
    "AGES",
    "EVERY_CONTRACT",
    "EVERY_RECEIPT",
    "STEPS",
    "ContractFilter",
    "ReceiptFilter",
    "allocations_of",
    "contract",
    "contract_list",
    "contract_sums",
    "contract_totals",
    "customers_kept",
    "free_of",
    "invoices_of",
    "open_lines",
    "order_balance",
    "overdue_by_age",
    "overdue_lines",
    "plan_check",
    "plan_of",
    "receipt",
    "receipt_list",
    "receipt_totals",
    "receivables",
    "renewals_due",
    "trace",
]
