import datetime as dt

import pytest
from sqlalchemy import select

from crm.errors import Invalid, NotFound, Refused
from crm.office.commands import (
    AnnouncementInput,
    MessageInput,
    announce,
    edit_announcement,
    mark_read,
    put_away,
    put_back,
    put_off,
    send_message,
    withdraw_announcement,
)
from crm.office.models import Notice
from crm.office.queries import announcements, notice_counts, notices, sent_messages, today, unread
from crm.session import open_as


@pytest.fixture
def message(people, customer):
    with open_as(people.ben.actor) as session:
        about = {"subject_type": "customer", "subject_id": customer.id}
        return send_message(session, MessageInput(to=[people.anna.id], text="Call them before noon.", **about))[0]


def counted(person) -> dict[str, tuple[int, int]]:
    with open_as(person.actor) as session:
        found = notice_counts(session)
    return {category: (count, new) for category, count, new in found.itertuples(index=False) if count}


def test_a_message_reaches_whom_it_is_for_and_nobody_else(people, customer, message):
    with open_as(people.anna.actor) as session:
        row = notices(session).iloc[0]
        assert (row["text"], row["about"], row["by"]) == ("Call them before noon.", customer.name, "Ben Okafor")
        assert unread(session) == 1
    with open_as(people.ben.actor) as session:
        assert sent_messages(session)["to"].tolist() == ["Anna Lindqvist"]
        assert notices(session).empty
    for stranger in (people.chen, people.dana, people.eve):
        with open_as(stranger.actor) as session:
            assert notices(session).empty and session.get(Notice, message.id) is None


def test_read_put_away_and_put_back(people, message):
    with open_as(people.anna.actor) as session:
        assert mark_read(session, [message.id]) == 1 and mark_read(session, [message.id]) == 0
    assert counted(people.anna) == {"message": (1, 0)}
    with open_as(people.anna.actor) as session:
        put_away(session, [message.id])
        assert notices(session).empty and len(notices(session, done=True)) == 1
        put_back(session, [message.id])
    assert counted(people.anna) == {"message": (1, 0)}


def test_put_off_to_a_later_day(people, message):
    with open_as(people.anna.actor) as session:
        with pytest.raises(Invalid, match="after today"):
            put_off(session, [message.id], today(session))
        put_off(session, [message.id], today(session) + dt.timedelta(1))
        assert notices(session).empty and unread(session) == 0


def test_the_sender_cannot_put_it_away(people, message):
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        put_away(session, [message.id])


def test_a_message_about_what_one_does_not_see_is_refused(people, customer):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        send_message(session, MessageInput(to=[people.anna.id], text="?", subject_type="customer", subject_id=customer.id))


def test_a_message_to_oneself_or_to_nobody_is_refused(people):
    for nobody in (people.anna.id, 999_999):
        with pytest.raises(Invalid, match="colleagues"), open_as(people.anna.actor) as session:
            send_message(session, MessageInput(to=[people.ben.id, nobody], text="Hello"))
    assert counted(people.ben) == {}


FOR_MUSIC = {"name": "Stocktaking", "text": "No deliveries on Friday."}


@pytest.fixture
def announcement(people):
    with open_as(people.dana.actor) as session:
        return announce(session, AnnouncementInput(**FOR_MUSIC, team_id=people.units["Music"]))


def test_an_announcement_reaches_the_unit_and_all_below_it(people, announcement):
    told = {person.username for person in people if counted(person)}
    assert told == {"anna", "ben", "chen", "dana", "amir", "bao", "gia"}
    with open_as(people.anna.actor) as session:
        assert announcements(session, today(session))["name"].tolist() == ["Stocktaking"]
    with open_as(people.emil.actor) as session:
        assert announcements(session, today(session)).empty


def test_who_may_announce(people):
    for person, unit in ((people.anna, "Sales East"), (people.amir, "Music"), (people.ben, "Music"), (people.dana, "Machinery")):
        with pytest.raises((Refused, NotFound)), open_as(person.actor) as session:
            announce(session, AnnouncementInput(**FOR_MUSIC, team_id=people.units[unit]))
    assert counted(people.anna) == {}
    with open_as(people.ben.actor) as session:
        announce(session, AnnouncementInput(**FOR_MUSIC, team_id=people.units["Sales East"]))
    assert counted(people.anna) == {"announcement": (1, 1)} and counted(people.chen) == {}


def test_one_for_later_is_not_shown_before_and_one_that_is_over_no_more(people):
    with open_as(people.dana.actor) as session:
        day = today(session)
        later = AnnouncementInput(**FOR_MUSIC, team_id=people.units["Music"], from_on=day + dt.timedelta(2))
        announce(session, later)
        past = announce(session, AnnouncementInput(**FOR_MUSIC, team_id=people.units["Music"], until_on=day))
        assert announcements(session, day)["id"].tolist() == [past.id]
        assert announcements(session, day + dt.timedelta(1), past=True)["id"].tolist() == [past.id]
        with pytest.raises(Invalid, match="before the first"):
            announce(session, AnnouncementInput(**FOR_MUSIC, team_id=people.units["Music"], until_on=day - dt.timedelta(1)))
    assert counted(people.anna) == {"announcement": (1, 1)}


def test_it_is_corrected_for_everybody_and_withdrawn(people, announcement):
    with open_as(people.dana.actor) as session:
        words = {"name": "Stocktaking", "text": "No deliveries on Monday.", "team_id": people.units["Music"]}
        edit_announcement(session, announcement.id, AnnouncementInput(**words), announcement.version)
    with open_as(people.anna.actor) as session:
        assert notices(session)["text"].tolist() == ["No deliveries on Monday."]
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        withdraw_announcement(session, announcement.id)
    with open_as(people.dana.actor) as session:
        withdraw_announcement(session, announcement.id)
        assert announcements(session, today(session)).empty
        assert session.scalars(select(Notice)).all() == []
    assert counted(people.anna) == {}
