"""What pages read from the browser's address, found in their code."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from crm.settings import ROOT

READERS = {"number", "choice", "side", "switch", "day", "read_filter"}
"""Functions of crm.ui.address and crm.ui.insight.sides whose first argument names a parameter, or a filter of many."""

RECORDS = {
    "article": "article",
    "board": "org_unit",
    "board_id": "org_unit",
    "campaign_id": "campaign",
    "case": "service_case",
    "category_id": "product_category",
    "class_id": "customer_class",
    "contract": "contract",
    "contract_id": "contract",
    "customer": "customer",
    "customer_id": "customer",
    "escalated_to_id": "user",
    "evaluation": "evaluation",
    "group": "customer_group",
    "group_id": "customer_group",
    "ids": "customer",
    "import_job_id": "import_job",
    "keep": "customer",
    "lead": "lead",
    "list": "price_list",
    "merge": "customer",
    "opportunity": "opportunity",
    "opportunity_id": "opportunity",
    "order_id": "order",
    "owner_id": "user",
    "pick": "target",
    "pipeline": "pipeline",
    "pipeline_id": "pipeline",
    "plan": "target_plan",
    "problem_id": "problem",
    "product_id": "product",
    "responsible_unit_id": "org_unit",
    "stage_id": "stage",
    "supplier": "supplier",
    "tag_id": "tag",
    "team": "org_unit",
    "team_id": "org_unit",
    "unit": "org_unit",
    "version": "policy_version",
    "who": "user",
    "whose": "user",
}
"""Parameter -> the table whose ids stand in it."""


def parameters() -> dict[str, set[str]]:
    """Parameter -> the files that read it."""
    found: dict[str, set[str]] = {}
    for file in sorted([*(ROOT / "crm" / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]):
        for name in _read_in(file):
            found.setdefault(name, set()).add(str(file.relative_to(ROOT)))
    return found


def _read_in(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text())
    known = {
        one.asname or one.name: one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("crm.ui.address", "crm.ui.insight.sides")
        for one in node.names
        if one.name in READERS
    }
    for node in ast.walk(tree):
        for named in _names(node, known):
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                yield named.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and known.get(node.func.id) == "read_filter":
                yield from _fields(file, ast.unparse(named))


def _names(node: ast.AST, known: dict[str, str]) -> list[ast.expr]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_address(node.func.value):
        return node.args[:1] if node.func.attr in ("get", "get_all") else []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
        return node.args[:1]
    if isinstance(node, ast.Subscript) and _is_address(node.value):
        return [node.slice]
    if isinstance(node, ast.Compare) and any(_is_address(one) for one in node.comparators):
        return [node.left]
    return []


def _is_address(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "query_params"


def _fields(file: Path, name: str) -> list[str]:
    """Of the model that a filter is read as."""
    if not name[:1].isupper():
        return []
    module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return list(getattr(module, name).model_fields)


def sides(path: str) -> list[str]:
    """What a page offers to look at in turn: the names in its own file; one that is none opens the first side."""
    tree = ast.parse((ROOT / path).read_text())
    keys = [key for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
    options = [one for node in ast.walk(tree) if isinstance(node, ast.Tuple) for one in node.elts]
    found = [one.value for one in [*keys, *options] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return sorted({one for one in found if one.isidentifier() and one.islower()})
