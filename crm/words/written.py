"""What a name in a source file can stand for, as far as it is written there: tables of texts, and loops over them."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator


class Written:
    """A function or class with the constants of its file; a name that is used twice there stands for both."""

    def __init__(self, tree: ast.Module, part: ast.stmt) -> None:
        self._values: dict[str, list[ast.expr]] = defaultdict(list)
        nodes = [*tree.body, *ast.walk(part)]
        for node in nodes:
            if isinstance(node, ast.Assign):
                self._assign(node.targets, node.value)
            elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
                self._assign([node.target], node.value)
        for node in nodes:
            if isinstance(node, ast.For | ast.comprehension):
                self._loop(node.target, node.iter)

    def texts(self, said: ast.expr, seen: frozenset[str] = frozenset()) -> set[str]:
        """The texts that an expression can be; a list of them counts as each."""
        if isinstance(said, ast.Constant):
            return {said.value} if isinstance(said.value, str) and said.value else set()
        if isinstance(said, ast.Name):
            further = [] if said.id in seen else self._values[said.id]
            return self._all(further, seen | {said.id})
        if isinstance(said, ast.IfExp):
            return self._all([said.body, said.orelse], seen)
        if isinstance(said, ast.BoolOp):
            return self._all(said.values, seen)
        if isinstance(said, ast.Tuple | ast.List):
            return self._all(said.elts, seen)
        if isinstance(said, ast.Subscript):
            return self._all(self._entries(said.value), seen)
        if isinstance(said, ast.Call) and isinstance(said.func, ast.Attribute) and said.func.attr == "get":
            return self._all([*self._entries(said.func.value), *said.args[1:]], seen)
        return set()

    def _all(self, parts: Iterable[ast.expr], seen: frozenset[str]) -> set[str]:
        return {text for part in parts for text in self.texts(part, seen)}

    def _assign(self, targets: list[ast.expr], value: ast.expr) -> None:
        for target in targets:
            if isinstance(target, ast.Name):
                self._values[target.id].append(value)

    def _loop(self, target: ast.expr, source: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._values[target.id] += self._items(source)
        elif isinstance(target, ast.Tuple) and _called(source) == "zip" and isinstance(source, ast.Call):
            for one, part in zip(target.elts, source.args, strict=False):
                self._loop(one, part)
        elif isinstance(target, ast.Tuple):
            for item in self._items(source):
                for one, part in zip(target.elts, item.elts if isinstance(item, ast.Tuple) else [], strict=False):
                    self._assign([one], part)

    def _items(self, source: ast.expr) -> list[ast.expr]:
        """What a loop over it meets: keys of a table, pairs of its items()."""
        found: list[ast.expr] = []
        for part in self._resolved(source):
            if isinstance(part, ast.Tuple | ast.List | ast.Set):
                found += part.elts
            elif isinstance(part, ast.Dict):
                found += [key for key in part.keys if key is not None]
            elif _called(part) == "items" and isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                tables = [table for table in self._resolved(part.func.value) if isinstance(table, ast.Dict)]
                pairs = [(key, value) for table in tables for key, value in zip(table.keys, table.values, strict=True) if key]
                found += [ast.Tuple([key, value], ast.Load()) for key, value in pairs]
        return found

    def _entries(self, source: ast.expr) -> list[ast.expr]:
        """What a table gives for a key, or a tuple for a place."""
        found: list[ast.expr] = []
        for part in self._resolved(source):
            if isinstance(part, ast.Dict):
                found += part.values
            elif isinstance(part, ast.Tuple | ast.List):
                found += part.elts
            elif _called(part) == "fromkeys" and isinstance(part, ast.Call):
                found += part.args[1:]
        return found

    def _resolved(self, source: ast.expr, seen: frozenset[str] = frozenset()) -> Iterator[ast.expr]:
        """Names as what they were given, `a | b` and `a + b` as both."""
        if isinstance(source, ast.Name) and source.id not in seen:
            for value in self._values[source.id]:
                yield from self._resolved(value, seen | {source.id})
        elif isinstance(source, ast.BinOp):
            yield from self._resolved(source.left, seen)
            yield from self._resolved(source.right, seen)
        else:
            yield source


def _called(node: ast.expr) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
