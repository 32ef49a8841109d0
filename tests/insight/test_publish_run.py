import datetime as dt

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer, CustomerScore, ModelRun, RunKind
from crm.errors import Invalid, NotFound, Refused
from crm.insight.commands import publish_run, score_board
from crm.insight.queries import RunSettings, chosen_run, models_of, published_run, runs, settings_of
from crm.office.commands import DemoDay, set_demo_today
from crm.session import get, open_as
from tests.insight.buying import CALIBRATED, LAST_DAY, bring_in, cdnow

pytestmark = pytest.mark.parametrize(
    "database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module"
)

QUICK = RunSettings(holdout_days=0)


def publish(person, settings=QUICK, board_id=None, result=None):
    with open_as(person.actor) as session:
        return publish_run(session, board_id or person.board_id, settings, result)


def count(kind, *where):
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(kind.id)).where(*where))


@pytest.fixture
def base(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=LAST_DAY))
    return bring_in(cdnow(300), people.anna, people.chen)


def test_it_works(people, base):
    run = publish(people.amir, RunSettings(model="bg_nbd", horizon_months=24, margin=0.25, annual_discount=0.08))
    with open_as(people.anna.actor) as session:
        found = published_run(session, people.dana.board_id)
        assert (found.id, found.kind, found.by_id, found.cutoff_on) == (run.id, RunKind.PUBLISHED, people.amir.id, LAST_DAY)
        assert (settings_of(found).horizon_months, settings_of(found).margin) == (24, 0.25)
        model, spend = models_of(found)
        assert list(found.parameters) == ["r", "alpha", "a", "b", "spend"]
        assert model.params_["r"] == found.parameters["r"]
        low, high = found.intervals["r"]
        assert low < found.parameters["r"] < high
        assert spend.params_["p"] == found.parameters["spend"]["p"]
        assert found.holdout["days"] == 182
        assert found.holdout["actual"] > 0
        assert {row["name"] for row in found.holdout["ranking"]} >= {"bg_nbd", "pareto_nbd", "same_rate"}
        table = runs(session, people.dana.board_id)
        assert table.loc[0, ["kind", "by"]].tolist() == ["published", "Amir Haddad"]
    assert count(CustomerScore, CustomerScore.model_run_id == run.id) == run.customers


@pytest.mark.parametrize("who", ["anna", "mia", "ben", "gia", "ada"])
def test_who_may_not_publish_is_refused(people, base, who):
    with pytest.raises(Refused):
        publish(getattr(people, who), board_id=people.dana.board_id)
    assert count(ModelRun) == count(CustomerScore) == 0


@pytest.mark.parametrize("who", ["dana", "amir", "bao", "eve"])
def test_whoever_leads_or_analyses_the_board_publishes(people, base, who):
    publish(getattr(people, who), board_id=people.dana.board_id)
    assert count(CustomerScore) > 290


def test_nobody_publishes_for_another_board(people, base):
    with pytest.raises(Refused):
        publish(people.dana, board_id=people.emil.board_id)


def test_it_scores_also_whom_the_analyst_cannot_change(people, base):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        get(session, Customer, int(base.iloc[0])).name = "Changed"
    publish(people.amir)
    assert count(CustomerScore) > 290
    assert count(Customer, Customer.version > 1) == 0


def test_too_few_data_are_told_and_nothing_is_kept(people, base):
    with pytest.raises(Invalid, match="Not enough repeat buyers"):
        publish(people.amir, RunSettings(until=dt.date(1997, 1, 12)))
    with pytest.raises(Invalid, match="Nobody has bought"):
        publish(people.eve, board_id=people.emil.board_id)
    assert count(ModelRun) == count(CustomerScore) == 0


def test_what_the_screen_showed_is_kept(people, base):
    run = publish(people.amir, result={"days": 90, "mae": 0.5})
    with open_as(people.amir.actor) as session:
        assert get(session, ModelRun, run.id).holdout == {"days": 90, "mae": 0.5}


def test_a_fit_to_an_earlier_day_scores_today(people, base):
    run = publish(people.amir, RunSettings(holdout_days=0, until=CALIBRATED, count_free=True))
    assert run.cutoff_on == CALIBRATED
    with open_as(SYSTEM) as session:
        assert set(session.scalars(select(CustomerScore.as_of))) == {LAST_DAY}
    with open_as(SYSTEM) as session:
        refit = score_board(session, people.dana.board_id, LAST_DAY).run
        assert (refit.kind, refit.base_id, refit.cutoff_on) == (RunKind.REFIT, run.id, LAST_DAY)
        assert refit.parameters["r"] != run.parameters["r"]


def test_only_its_population_has_scores(people, base):
    publish(people.amir, RunSettings(holdout_days=0, where=CustomerFilter(owner_id=(people.anna.id,))))
    with open_as(SYSTEM) as session:
        query = select(Customer.owner_id).join(CustomerScore, CustomerScore.customer_id == Customer.id).distinct()
        assert session.scalars(query).all() == [people.anna.id]


def test_the_next_one_takes_its_place(people, base):
    publish(people.amir)
    second = publish(people.dana, RunSettings(model="mbg_nbd", holdout_days=0))
    with open_as(people.dana.actor) as session:
        assert published_run(session, people.dana.board_id).id == second.id == chosen_run(session, people.dana.board_id).id
    assert count(CustomerScore, CustomerScore.model_run_id != second.id) == 0
    assert count(ModelRun) == 2


def test_a_run_is_told_in_the_log_and_never_changes(people, base):
    run = publish(people.amir)
    assert count(AuditEntry, AuditEntry.record_type == "model_run", AuditEntry.actor_id == people.amir.id) == 1
    with open_as(people.emil.actor) as session, pytest.raises(NotFound):
        get(session, ModelRun, run.id)
