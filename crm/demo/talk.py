"""What the people of the demo company wrote about their customers, and what they mean to do next."""

from __future__ import annotations

import datetime as dt
from random import Random

from crm.demo.people import MACHINERY, MUSIC, SERVICES, Member
from crm.demo.writing import LAST_DAY, Draft
from crm.office.models import NoteKind

_SAID = {
    MUSIC: (
        (NoteKind.EMAIL, "Asked when the jazz reissues arrive; sent the list of this month."),
        (NoteKind.CALL, "One disc came scratched. Replacement is on its way, no return needed."),
        (NoteKind.MESSAGE, "Wants to hear about opera recordings only."),
        (NoteKind.EMAIL, "Thanked us for the quick delivery; may order as gifts in December."),
    ),
    MACHINERY: (
        (NoteKind.VISIT, "参观车间，两台旧车床精度不够，计划下半年更换。"),
        (NoteKind.CALL, "Asked for the delivery time of spindle bearings; three weeks is too long for them."),
        (NoteKind.VISIT, "Showed the VMC-850 on their own workpiece. Surface was fine, they want a second trial with steel."),
        (NoteKind.MEETING, "与总经理和采购经理开会，价格还差百分之五，付款方式可以谈。"),
        (NoteKind.CALL, "采购说竞争对手报价低，但对售后不放心。"),
        (NoteKind.EMAIL, "Sent the drawing of the new way cover; they check the measures."),
        (NoteKind.MESSAGE, "发了新样本，对液压站感兴趣。"),
        (NoteKind.OTHER, "They build a second hall next year; the plan for machines is made in autumn."),
    ),
    SERVICES: (
        (NoteKind.SERVICE, "主轴噪声，远程诊断后更换轴承，已恢复生产。"),
        (NoteKind.INSPECTION, "Annual inspection done; one hydraulic hose is worn and should be changed within three months."),
        (NoteKind.SERVICE, "Control did not start after a power cut. Battery changed, parameters restored."),
        (NoteKind.RENEWAL, "客户考虑续签，希望把远程监测一起谈。"),
        (NoteKind.CALL, "满意度回访：响应及时，希望周末也有人值班。"),
    ),
}
_NEXT = {
    MUSIC: ("Write again with the new releases", "Offer the gift voucher", "Ask how the replacement arrived"),
    MACHINERY: ("Send the revised quote", "约总经理见面", "Bring the trial part back", "Call about the payment plan", "寄样件"),
    SERVICES: ("Prepare the renewal", "回访设备运行情况", "Order the hose", "Send the training plan"),
}
_PREFERENCES = (
    "Likes figures and short mails; no calls before ten.",
    "爱喝茶，重感情，逢年过节要问候。",
    "Plays badminton on Thursdays; proud of his apprentices.",
    "决策慢，但说定了不变。",
    "Collects old calculators. Reads every line of a contract.",
)


def notes_on(draft: Draft, random: Random, board: str, count: int = 1, authors: tuple[Member, ...] = ()) -> None:
    """A few notes of the last year, by the owner or by others; the newest may have a follow-up, done, overdue or due soon."""
    days = sorted(LAST_DAY - dt.timedelta(random.randrange(2, 330)) for _ in range(count))
    for position, day in enumerate(days):
        kind, text = random.choice(_SAID[board])
        author = random.choice(authors) if authors else draft.owner
        note = {"kind": kind.value, "happened_on": day, "text": text, "author_id": author.id, "pinned": random.randrange(12) == 0}
        draft.notes.append(note | (_follow_up(random, board, day) if position == count - 1 else {}))


def _follow_up(random: Random, board: str, day: dt.date) -> dict[str, object]:
    """None for some; for the others finished, overdue, or due within two weeks."""
    case = random.choice(("none", "none", "none", "finished", "finished", "overdue", "due", "due"))
    if case == "none":
        return {}
    if case == "finished":
        done = dt.datetime.combine(day + dt.timedelta(1), dt.time(2), dt.UTC)
        return {"follow_up": random.choice(_NEXT[board]), "follow_up_on": day + dt.timedelta(7), "done_at": done}
    late = LAST_DAY - dt.timedelta(random.randrange(1, 25))
    due = max(late, day) if case == "overdue" else LAST_DAY + dt.timedelta(random.randrange(14))
    return {"follow_up": random.choice(_NEXT[board]), "follow_up_on": due, "done_at": None}


def preference(random: Random) -> str:
    return random.choice(_PREFERENCES)
