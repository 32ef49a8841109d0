"""What the people of the demo company wrote about their customers, and what they mean to do next."""

from __future__ import annotations

import datetime as dt
from random import Random

from crm.demo.people import MACHINERY, MUSIC, SERVICES, Member
from crm.demo.writing import LAST_DAY, Draft
from crm.office.models import ActivityKind, Outcome

_SAID = {
    MUSIC: (
        (ActivityKind.EMAIL, "Asked when the jazz reissues arrive; sent the list of this month."),
        (ActivityKind.CALL, "One disc came scratched. Replacement is on its way, no return needed."),
        (ActivityKind.MESSAGE, "Wants to hear about opera recordings only."),
        (ActivityKind.EMAIL, "Thanked us for the quick delivery; may order as gifts in December."),
    ),
    MACHINERY: (
        (ActivityKind.VISIT, "参观车间，两台旧车床精度不够，计划下半年更换。"),
        (ActivityKind.CALL, "Asked for the delivery time of spindle bearings; three weeks is too long for them."),
        (ActivityKind.VISIT, "Showed the VMC-850 on their own workpiece. Surface was fine, they want a second trial with steel."),
        (ActivityKind.MEETING, "与总经理和采购经理开会，价格还差百分之五，付款方式可以谈。"),
        (ActivityKind.CALL, "采购说竞争对手报价低，但对售后不放心。"),
        (ActivityKind.EMAIL, "Sent the drawing of the new way cover; they check the measures."),
        (ActivityKind.MESSAGE, "发了新样本，对液压站感兴趣。"),
        (ActivityKind.OTHER, "They build a second hall next year; the plan for machines is made in autumn."),
    ),
    SERVICES: (
        (ActivityKind.SERVICE, "主轴噪声，远程诊断后更换轴承，已恢复生产。"),
        (
            ActivityKind.INSPECTION,
            "Annual inspection done; one hydraulic hose is worn and should be changed in three months.",
        ),
        (ActivityKind.SERVICE, "Control did not start after a power cut. Battery changed, parameters restored."),
        (ActivityKind.RENEWAL, "客户考虑续签，希望把远程监测一起谈。"),
        (ActivityKind.CALL, "满意度回访：响应及时，希望周末也有人值班。"),
    ),
}
_NEXT = {
    MUSIC: ("Write again with the new releases", "Offer the gift voucher", "Ask how the replacement arrived"),
    MACHINERY: ("Send the revised quote", "约总经理见面", "Bring the trial part back", "Call about the payment plan", "寄样件"),
    SERVICES: ("Prepare the renewal", "回访设备运行情况", "Order the hose", "Send the training plan"),
}
_ABOUT_DEAL = (
    (ActivityKind.CALL, "Asked who decides; the managing director signs above 200,000."),
    (ActivityKind.CALL, "采购说预算已批，等技术部确认参数。"),
    (ActivityKind.VISIT, "Measured the place for the machine; the foundation must be poured first."),
    (ActivityKind.VISIT, "带样件去车间试切，生产主管满意，工艺工程师还有疑问。"),
    (ActivityKind.MEETING, "Went through the offer line by line; payment terms are still open."),
    (ActivityKind.MEETING, "与总经理面谈，希望交货期缩短到六周。"),
    (ActivityKind.EMAIL, "Sent drawings and the list of references."),
    (ActivityKind.EMAIL, "发了修改后的技术协议。"),
    (ActivityKind.MESSAGE, "They compare us with one more supplier; answer next week."),
)
_NEXT_WITH_DEAL = (
    (ActivityKind.CALL, "Ask for the decision"),
    (ActivityKind.CALL, "确认预算和付款方式"),
    (ActivityKind.VISIT, "Trial cut with their material"),
    (ActivityKind.MEETING, "约总经理谈价格"),
    (ActivityKind.TASK, "Send the revised offer"),
    (ActivityKind.TASK, "准备投标文件"),
)
_PREFERENCES = (
    "Likes figures and short mails; no calls before ten.",
    "爱喝茶，重感情，逢年过节要问候。",
    "Plays badminton on Thursdays; proud of his apprentices.",
    "决策慢，但说定了不变。",
    "Collects old calculators. Reads every line of a contract.",
)


def activities_on(draft: Draft, random: Random, board: str, count: int = 1, authors: tuple[Member, ...] = ()) -> None:
    """What was done in the last year, by the owner or by others; after the newest a plan may stand: done, overdue or due."""
    days = sorted(LAST_DAY - dt.timedelta(random.randrange(2, 330)) for _ in range(count))
    for position, day in enumerate(days):
        kind, text = random.choice(_SAID[board])
        author = random.choice(authors) if authors else draft.owner
        said = {"kind": kind.value, "happened_on": day, "text": text, "author_id": author.id, "pinned": random.randrange(12) == 0}
        draft.activities.append(said)
        if position == count - 1 and (planned := _planned(random, board, day)):
            draft.activities.append(planned | {"author_id": author.id, "follows": len(draft.activities) - 1})


def _planned(random: Random, board: str, day: dt.date) -> dict[str, object]:
    """What comes after: nothing for some; for the others finished, overdue, or due within two weeks."""
    case = random.choice(("none", "none", "none", "finished", "finished", "overdue", "due", "due"))
    if case == "none":
        return {}
    if case == "finished":
        done = {"happened_on": day + dt.timedelta(1), "outcome": Outcome.REACHED.value, "minutes": 10}
        return {"kind": ActivityKind.TASK.value, "topic": random.choice(_NEXT[board]), "planned_on": day + dt.timedelta(7)} | done
    late = LAST_DAY - dt.timedelta(random.randrange(1, 25))
    due = max(late, day) if case == "overdue" else LAST_DAY + dt.timedelta(random.randrange(14))
    return {"kind": ActivityKind.TASK.value, "topic": random.choice(_NEXT[board]), "planned_on": due}


def preference(random: Random) -> str:
    return random.choice(_PREFERENCES)


def said_about_deal(random: Random) -> tuple[str, str]:
    kind, text = random.choice(_ABOUT_DEAL)
    return kind.value, text


def to_do_about_deal(random: Random) -> tuple[str, str]:
    kind, topic = random.choice(_NEXT_WITH_DEAL)
    return kind.value, topic
