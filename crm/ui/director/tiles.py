"""The six figures on top of the director's screen; the sheet that is sent writes the same ones."""

from __future__ import annotations

from typing import Any

from crm.pipeline.filters import OpportunityFilter
from crm.staff.sign_in import Board
from crm.targets.models import Measure, SubjectKind
from crm.targets.queries.leading import leads_to
from crm.targets.queries.standing import Standing
from crm.targets.queries.watch import LOOKED_BACK, Watch
from crm.ui.address import parameters
from crm.ui.desk import figures
from crm.ui.director.leading import attainment_of
from crm.ui.director.sentences import day_of
from crm.ui.tile import Tile, Tone
from crm.words import label, say
from crm.words.formats import ARROWS, MISSING, change, date_short, number, percent, short_money


def tiles(told: Standing, seen: Watch, board: Board) -> list[Tile]:
    found = [_reached(told, board), _expected(told, board), _coverage(told, board), _service(seen, board), _risk(seen, board)]
    return [*found, _discipline(told, seen)]


def _reached(told: Standing, board: Board) -> Tile:
    about = say(
        "{measure} from {first} to {last}. Pace: what the target asks for by the working days that have passed.",
        measure=label(told.measure),
        first=date_short(told.start),
        last=date_short(told.day),
    )
    shown: dict[str, Any] = {"name": "reached", "title": label(told.measure), "value": told.actual, "about": about}
    shown["shown"] = short_money(told.actual, board.currency)
    page, where = _rows(told, board)
    if told.base is None or told.pace is None:
        text, direction = change(told.actual, told.before)
        tone: Tone = {"up": "green", "down": "red"}.get(direction, "gray")  # type: ignore[assignment]
        beside = say("on the period before")
        delta = text if direction != "same" else None
        return Tile(**shown, page=page, where=where, total="value", delta=delta, tone=tone, beside=beside)
    ahead = told.actual >= told.pace
    return Tile(
        **shown,
        page=page,
        where=where,
        total="value",
        delta=percent(told.share, 0),
        tone="green" if ahead else "red",
        beside=say("of {base}", base=short_money(told.base, board.currency)),
        caption=say("pace {pace}", pace=percent(told.pace / told.base, 0)) if told.base else None,
    )


def _rows(told: Standing, board: Board) -> tuple[str, dict[str, Any]]:
    """The rows of the sum stand on this page itself: no list shows those of a unit by who sold them."""
    return "overview", {"board": board.id, "period": told.period, "rows": "reached"}


def _expected(told: Standing, board: Board) -> Tile:
    about = say(
        "What the end of the period will bring: the days ahead are drawn from the days behind, open deals are decided by their "
        "chance. In four of five cases the end lies within the interval."
    )
    chance = percent(told.chance, 0) if told.chance is not None else None
    tone: Tone = "gray" if told.chance is None else "green" if told.chance >= 0.5 else "red"
    ends = (told.p10, told.p90)
    span = [percent(one / told.base, 0) if told.base else short_money(one) for one in ends if one is not None]
    return Tile(
        "expected",
        say("Forecast to {day}", day=day_of(told.end)),
        told.p50,
        short_money(told.p50, board.currency),
        page="targets",
        where=attainment_of(told, board, (told.kind, told.subject_id), told.period, told.start),
        total=None,
        about=about,
        delta=chance,
        tone=tone,
        beside=say("chance"),
        caption="–".join(span) if span else say("Too little known"),
    )


def _coverage(told: Standing, board: Board) -> Tile:
    where = OpportunityFilter(board_id=(board.id,), state=("open",), expected_to=told.end)
    if told.kind != SubjectKind.BOARD:
        where = where.model_copy(update={"owner_id": _people(told, board)})
    amount = short_money(told.open_amount, board.currency)
    cover = told.coverage
    return Tile(
        "coverage",
        say("Coverage"),
        told.open_amount,
        amount if cover is None else f"{number(cover, 1)}×",
        page="pipeline",
        where={"show": "list"} | parameters(where),
        total="amount",
        about=say("Open deals that are expected until {day}, over what is missing to the target.", day=date_short(told.end)),
        delta=None if cover is None else amount,
        tone="gray" if cover is None or cover >= 1 else "red",
        beside=say("open"),
        caption=_missing(told, board),
    )


def _missing(told: Standing, board: Board) -> str:
    if told.missing is None:
        return say("open until {day}", day=day_of(told.end))
    if not told.missing:
        return say("nothing is missing")
    return say("{amount} missing", amount=short_money(told.missing))


def _people(told: Standing, board: Board) -> tuple[int, ...]:
    """Who works in the unit; the same as the list of won deals is narrowed to."""
    asked = {"kind": told.kind, "subject_id": told.subject_id, "board_id": board.id, "since": told.start, "until": told.end}
    found: Any = figures(leads_to, measure=Measure.WON.value, **asked)
    return tuple(found.owner_id)


def _service(seen: Watch, board: Board) -> Tile:
    before = seen.in_time_before
    points = None if seen.in_time is None or before is None else round((seen.in_time - before) * 100, 1)
    direction: Any = "up" if (points or 0) > 0 else "down"
    opened = say("{count:case|cases} open", count=seen.open_cases)
    return Tile(
        "service",
        say("Service"),
        seen.in_time,
        percent(seen.in_time, 0),
        page=None if seen.decided is None else "service",
        where={"show": "figures", "board": board.id, "period": str(LOOKED_BACK)},
        total=None,
        about=say(
            "Of the cases opened in {days} days that are solved and to which something was promised, those that were in time; "
            "beside the days before.",
            days=LOOKED_BACK,
        ),
        delta=ARROWS[direction] + number(abs(points), 1) if points else MISSING if points is None else number(0, 1),
        tone="gray" if not points else "green" if direction == "up" else "red",
        beside=say("points"),
        caption=opened if seen.decided is not None else MISSING,
    )


def _risk(seen: Watch, board: Board) -> Tile:
    share = seen.at_risk / seen.worth if seen.worth else None
    return Tile(
        "risk",
        label("value_at_risk"),
        seen.at_risk,
        short_money(seen.at_risk, board.currency),
        page="customers",
        where={"board_id": board.id, "sort": "value_at_risk", "risk_from": "0.0001"},
        total="value_at_risk",
        about=say("Of the lifetime value of all customers, what is lost with the chance that they have stopped buying."),
        delta=percent(share, 0) if share is not None else None,
        beside=say("of all value"),
        caption=say("{count:customer|customers}", count=seen.risky) if seen.worth else say("No model yet"),
    )


def _discipline(told: Standing, seen: Watch) -> Tile:
    return Tile(
        "discipline",
        label("discipline"),
        float(seen.broke),
        number(seen.broke, 0),
        page="team",
        where={"show": "discipline", "team": told.subject_id, "rows": "not_kept"},
        about=say("People who broke a rule of the policy in this month: a day missed, silent for too long, or no action."),
        delta=say("of {count:person|people}", count=seen.people),
        tone="red" if seen.broke else "green",
        caption=say("broke a rule"),
    )


__all__ = ["tiles"]
