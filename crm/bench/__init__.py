"""`python -m crm bench`: how fast the product is on this machine, written into docs/benchmarks.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from crm.bench import report
from crm.bench.place import Place
from crm.settings import ROOT

CUSTOMERS, LINES, DEALS, CASES = 100_000, 1_000_000, 50_000, 25_000
FOLDER = ROOT / "data" / "bench"


def main(argv: list[str] | None = None) -> int:
    wanted = _parser().parse_args(argv)
    wanted.run(wanted)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m crm bench", description=__doc__)
    kinds = parser.add_subparsers(required=True, metavar="WHAT")
    for name, run, told in (
        ("data", _data, "make the database that `pages` works on"),
        ("pages", _pages, "server and browser times of the main pages"),
        ("import", _import, "a large file of orders, and a list of customers with faults"),
        ("clv", _clv, "fits and scores of the customer base models"),
        ("scores", _scores, "the nightly job on a million customers"),
        ("load", _load, "how many people can work at the same time"),
    ):
        kind = kinds.add_parser(name, help=told, description=told)
        kind.set_defaults(run=run)
        kind.add_argument("--out", type=Path, default=FOLDER, help="folder of the benchmark's own database (default: data/bench)")
        if name in ("data", "pages", "load"):
            kind.add_argument("--customers", type=int, default=CUSTOMERS)
            kind.add_argument("--lines", type=int, default=LINES)
            kind.add_argument("--deals", type=int, default=DEALS, help="opportunities")
            kind.add_argument("--cases", type=int, default=CASES, help="service cases")
        if name == "pages":
            kind.add_argument("--no-browser", action="store_true", help="server times only")
        if name in ("pages", "load"):
            kind.add_argument("--database", default="", help="URL of a database that holds a copy of the folder's, or is empty")
        if name == "load":
            _load_arguments(kind)
        if name == "import":
            kind.add_argument("--orders", type=Path, help="a file of order lines to take, with --mapping; else one is made")
            kind.add_argument("--mapping", help="name of a mapping for --orders")
        if name == "scores":
            kind.add_argument("--customers", type=int, default=1_000_000)
            kind.add_argument("--orders", type=int, default=10_000_000)
        if name == "clv":
            kind.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="customers")
    return parser


def _load_arguments(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--people", type=int, nargs="+", default=[], help="so many each; else the most that work is looked for")
    kind.add_argument("--processes", type=int, choices=(1, 2), default=1, help="of the product; two stand behind nginx")
    kind.add_argument("--seconds", type=float, default=60, help="how long everybody works (default: 60)")
    kind.add_argument("--every", type=float, default=5, help="seconds between two actions of a person (default: 5)")


def _data(wanted: argparse.Namespace) -> None:
    from crm.bench import data

    data.make(wanted.customers, wanted.lines, wanted.deals, wanted.cases, Place(wanted.out.resolve()))


def _pages(wanted: argparse.Namespace) -> None:
    from crm.bench import browser, pages

    place = _filled(wanted)
    size = f"{wanted.customers:,} customers, {wanted.lines:,} order lines, {wanted.deals:,} opportunities, {wanted.cases:,} cases"
    with place.opened():
        parts = [pages.measure(place)] + ([] if wanted.no_browser else [browser.measure(place)])
    section, of = (f"pages-{place.kind}", f"Pages on {place.kind_name}") if place.url else ("pages", "Pages")
    report.write(section, f"{of}: {size}", "\n\n".join(parts))


def _filled(wanted: argparse.Namespace) -> Place:
    """The folder's own database with the firm in it, or a copy of it elsewhere."""
    from crm.bench.elsewhere import fill

    _data(wanted)
    place = Place(wanted.out.resolve(), wanted.database)
    if wanted.database:
        fill(Place(wanted.out.resolve()), place)
    return place


def _import(wanted: argparse.Namespace) -> None:
    from crm.bench import importing

    report.write("import", "Import", importing.measure(wanted.out.resolve() / "import", wanted.orders, wanted.mapping))


def _clv(wanted: argparse.Namespace) -> None:
    from crm.bench import clv

    report.write("clv", "Customer value models", clv.measure(wanted.sizes))


def _scores(wanted: argparse.Namespace) -> None:
    from crm.bench import scores

    place = Place(wanted.out.resolve() / "scores")
    size = f"{wanted.customers:,} customers, {wanted.orders:,} orders"
    report.write("scores", f"Nightly job: {size}", scores.measure(place, wanted.customers, wanted.orders))


def _load(wanted: argparse.Namespace) -> None:
    from crm.bench import load

    wish = load.Wish(_filled(wanted), wanted.processes, wanted.seconds, wanted.every)
    told = load.measure(wish, wanted.people)
    print(told)
    report.write(wish.name, wish.title, told)


__all__ = ["main"]
