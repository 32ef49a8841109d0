"""Finds the texts in the source that a person will read, so that a test can ask for their Chinese lines.

The rule: what is passed to a parameter called `template`, `done` or `save` is read by a person. So it holds for say(), for the
errors of every package and the classes below them, and for a function that hands its template on. The rest is named here;
label() is also SQL's `.label()`, which names a column that somebody will see.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from crm.words import english_label
from crm.words.written import Written

Places = dict[str, int]
"""Name of a callable -> which positional argument is the text."""

OTHERS: Places = {"say": 0, "label": 0, "page": 0, "CrmError": 0, "AnalyticsError": 0, "ExchangeError": 0, "Segment": 1}
OTHERS |= {"code": 0, "_field": 0, "export_button": 0, "log_export": 1}
NAMES = {"label", "code", "_field", "export_button", "log_export", "table"}
"""Those that take a column or a code, which is made into words."""
KEYWORDS = {"done", "save"}
"""Spoken whoever takes them."""
KEYWORDS_OF = {("Field", "title"), ("Field", "description"), ("table", "columns")}

Spoken = tuple[Path, str, ast.expr, Written]
"""Where, the name of the callable, the text, and what the names in that file stand for."""


def literal_words(paths: Iterable[Path]) -> set[str]:
    """Every text written in the source that a person will read, in English."""
    return {
        english_label(text) if caller in NAMES else text
        for _, caller, argument, written in _spoken_arguments(paths)
        for text in written.texts(argument)
    }


def assembled_words(paths: Iterable[Path]) -> set[str]:
    """Where such a text is put together on the spot (f-string, +, %) and so can never be looked up: `file:line`."""
    return {
        f"{path}:{argument.lineno}"
        for path, _, argument, _ in _spoken_arguments(paths)
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
    }


def unseen_words(paths: Iterable[Path]) -> set[str]:
    """What is said without being written in the same file, as `file: expression`; a parameter that is spoken does not count."""
    return {
        f"{path}: {ast.unparse(argument)}"
        for path, caller, argument, written in _spoken_arguments(paths)
        if caller not in NAMES
        and not isinstance(argument, ast.JoinedStr | ast.BinOp | ast.Constant)
        and _name(argument) not in {"template", *KEYWORDS}
        and not written.texts(argument)
    }


def _spoken_arguments(paths: Iterable[Path]) -> Iterator[Spoken]:
    trees = {path: ast.parse(path.read_text(encoding="utf-8"), path) for path in paths}
    places = _places(trees.values())
    for path, tree in trees.items():
        for part in tree.body:
            written = Written(tree, part)
            for node in ast.walk(part):
                yield from ((path, name, argument, written) for name, argument in _spoken_in(node, places))


def _spoken_in(node: ast.AST, places: Places) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Call):
        name = _name(node.func)
        if name in places and len(node.args) > places[name]:
            yield name, node.args[places[name]]
        for keyword in node.keywords:
            if (name in places and keyword.arg == "template") or keyword.arg in KEYWORDS or (name, keyword.arg) in KEYWORDS_OF:
                yield name, keyword.value
    elif isinstance(node, ast.FunctionDef):
        yield from ((node.name, default) for name, default in _defaults(node) if name in {"template", *KEYWORDS})
    elif isinstance(node, ast.ClassDef) and node.name in places:
        calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))
        yield from ((node.name, call.args[0]) for call in calls if _name(call.func) == "__init__" and call.args)


def _places(trees: Iterable[ast.Module]) -> Places:
    nodes = [node for tree in trees for node in ast.walk(tree)]
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    methods = {id(item) for node in classes for item in node.body}
    found = OTHERS | {
        node.name: _position(node)
        for node in nodes
        if isinstance(node, ast.FunctionDef) and id(node) not in methods and _position(node) >= 0
    }
    for node in classes:
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and _position(item) >= 1:
                found[node.name if item.name == "__init__" else item.name] = _position(item) - 1
    return _inherited(classes, found)


def _inherited(classes: list[ast.ClassDef], found: Places) -> Places:
    """Classes below one that takes a template take it as well, however deep."""
    known = dict(found)
    for _ in classes:
        below = {node.name: known[above] for node in classes for above in map(_name, node.bases) if above in known}
        if below.keys() <= known.keys():
            break
        known = below | known
    return known


def _position(function: ast.FunctionDef) -> int:
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
    return names.index("template") if "template" in names else -1


def _defaults(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    taken = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
    yield from zip(reversed(taken), reversed(function.args.defaults), strict=False)
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    yield from ((argument.arg, default) for argument, default in named if default is not None)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
