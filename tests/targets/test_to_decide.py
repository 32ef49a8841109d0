"""What waits for whoever leads: evaluations to give marks in."""

import datetime as dt

from crm.session import open_as
from crm.targets.commands import EvaluationInput, FormInput, ReviewInput, add_form, review, start_evaluation
from crm.targets.queries.deciding import evaluations_to_score, judgements


def test_an_evaluation_waits_for_its_reviewer_until_he_gave_marks(people):
    criteria = [{"key": "care", "name": "Care", "weight": 100}]
    with open_as(people.dana.actor) as session:
        form = add_form(session, FormInput.model_validate({"name": "Half-year", "kind": "work", "criteria": criteria}))
        about = {"form_id": form.id, "user_id": people.anna.id, "reviewer_ids": [people.ben.id]}
        days = {"starts_on": dt.date(2026, 1, 1), "ends_on": dt.date(2026, 6, 30)}
        started = start_evaluation(session, EvaluationInput(**about, **days))
    for person, count in ((people.ben, 1), (people.dana, 0), (people.anna, 0), (people.emil, 0), (people.ada, 0)):
        with open_as(person.actor) as session:
            assert (judgements(session), len(evaluations_to_score(session))) == (count, count), person.username
    with open_as(people.ben.actor) as session:
        review(session, started.id, ReviewInput(marks={"care": 4}))
        assert judgements(session) == 0
