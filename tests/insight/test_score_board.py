import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from sqlalchemy import func, inspect, select

from crm import driver, jobs
from crm.access import SYSTEM
from crm.analytics.clv.value import customer_lifetime_value
from crm.bulk import bulk_derive
from crm.customers.commands import delete_customers, refresh_base, take_snapshot, thin_snapshots
from crm.customers.models import Customer, CustomerScore, ModelRun, RunKind, ScoreSnapshot
from crm.customers.queries import customer as one
from crm.errors import Refused
from crm.insight.commands import publish_run, score_board
from crm.insight.queries import RunSettings, history, models_of, published_run, settings_of
from crm.office.commands import DemoDay, put_setting, set_demo_today
from crm.session import get, open_as
from tests.factories import a_customer, an_order
from tests.insight.buying import LAST_DAY, bring_in, cdnow

pytestmark = pytest.mark.parametrize(
    "database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module"
)

PARETO = RunSettings(model="pareto_nbd", horizon_months=36, margin=0.3, annual_discount=0.15, holdout_days=0)


def score(board_id, day=LAST_DAY, actor=SYSTEM):
    with open_as(actor) as session:
        return score_board(session, board_id, day)


def publish(person, settings=PARETO):
    with open_as(person.actor) as session:
        return publish_run(session, person.board_id, settings).id


def stored():
    """The scores by customer, as floats and days."""
    names = ("customer_id", "model_run_id", "as_of", "p_alive", "expected_orders", "lifetime_value", "value_at_risk")
    columns = [getattr(CustomerScore, name) for name in (*names, "next_order_from", "next_order_until")]
    with open_as(SYSTEM) as session:
        rows = session.execute(select(*columns).order_by(CustomerScore.customer_id)).all()
    return pd.DataFrame(rows).set_index("customer_id") if rows else pd.DataFrame()


def kinds():
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(ModelRun.kind).order_by(ModelRun.id)))


def count(kind, *where):
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(kind.id)).where(*where))


@pytest.fixture
def base(people):
    """Four hundred real buyers of Music; the product counts from their last day. -> number in the file to id"""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=LAST_DAY))
    return bring_in(cdnow(400), people.anna, people.chen)


def test_a_job_that_was_broken_off_stops_no_later_one(people, base, monkeypatch):
    """Where nothing else was written before, SQLite keeps a temporary table through the end of its transaction."""
    with monkeypatch.context() as patch:
        patch.setattr(driver, "_replaced", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            score(people.dana.board_id)
    score(people.dana.board_id)
    assert len(stored()) > 390


def test_it_works(people, base):
    found = score(people.dana.board_id)
    scores = stored()
    assert len(scores) == len(found.scores) > 390
    assert set(scores["as_of"]) == {LAST_DAY}
    assert scores["p_alive"].between(0, 1).all()
    assert (scores["next_order_from"] > LAST_DAY).all()
    assert (scores["next_order_until"] >= scores["next_order_from"]).all()
    with open_as(people.anna.actor) as session:
        run = published_run(session, people.dana.board_id)
        assert (run.kind, run.cutoff_on, run.customers) == (RunKind.AUTOMATIC, LAST_DAY, len(scores))
        assert run.holdout["chosen"] == run.model
        assert len(run.holdout["ranking"]) == 7


def test_scores_are_those_of_the_published_model(people, base):
    publish(people.amir)
    with open_as(people.dana.actor) as session:
        run = published_run(session, people.dana.board_id)
        model, spend = models_of(run)
        summary = history(session, settings_of(run).population(people.dana.board_id, LAST_DAY))
    scores = stored()
    columns = [summary[name] for name in ("frequency", "recency", "T")]
    assert scores["p_alive"].to_numpy() == pytest.approx(model.conditional_probability_alive(*columns).to_numpy())
    assert scores["expected_orders"].to_numpy() == pytest.approx(model.predict(52, *columns).to_numpy())
    values = customer_lifetime_value(model, spend, summary, annual_discount_rate=0.15, margin=0.3, horizon=156)
    assert scores["lifetime_value"].astype(float).to_numpy() == pytest.approx(values.to_numpy(), abs=5.1e-5)
    lost = values / scores["p_alive"] - values
    assert scores["value_at_risk"].astype(float).to_numpy() == pytest.approx(lost.to_numpy(), abs=1e-4)


def test_the_next_order_falls_between_its_days_with_four_fifths(people, base):
    publish(people.amir)
    scores = stored()
    with open_as(people.dana.actor) as session:
        model, _ = models_of(published_run(session, people.dana.board_id))
        summary = history(session, PARETO.population(people.dana.board_id, LAST_DAY)).loc[scores.index]
    columns = [summary[name] for name in ("frequency", "recency", "T")]

    def by(weeks):
        return 1 - model.conditional_probability_of_n_purchases_up_to_time(0, weeks, *columns)

    first, last = ((pd.to_datetime(scores[f"next_order_{end}"]) - pd.Timestamp(LAST_DAY)).dt.days for end in ("from", "until"))
    inside = (by(last / 7) - by((first - 1) / 7)) / by(3650 / 7)
    assert inside.min() > 0.8 - 1e-9
    assert inside.median() == pytest.approx(0.8, abs=0.03)


def test_twice_is_the_same_as_once(people, base):
    publish(people.amir)
    score(people.dana.board_id)
    first, runs = stored(), kinds()
    score(people.dana.board_id)
    pd.testing.assert_frame_equal(stored(), first)
    assert kinds() == runs == ["published"]


def test_newer_purchases_make_a_refit_by_the_published_settings(people, base):
    published = publish(people.amir)
    with open_as(SYSTEM) as session:
        buyer = get(session, Customer, int(base.iloc[0]))
    before = stored().loc[buyer.id, "p_alive"]
    an_order(buyer, 50, on=LAST_DAY + dt.timedelta(6))
    score(people.dana.board_id, LAST_DAY + dt.timedelta(7))
    assert kinds() == ["published", "refit"]
    with open_as(SYSTEM) as session:
        run = published_run(session, people.dana.board_id)
        assert (run.kind, run.base_id, run.model) == (RunKind.REFIT, published, "pareto_nbd")
        assert settings_of(run) == PARETO
    assert set(stored()["as_of"]) == {LAST_DAY + dt.timedelta(7)}
    assert stored().loc[buyer.id, "p_alive"] > before


def test_too_few_data_leave_nobody_with_a_score(people, base):
    publish(people.amir)
    assert len(stored())
    with open_as(SYSTEM) as session:
        delete_customers(session, [int(one) for one in base.iloc[10:]])
    found = score(people.dana.board_id)
    assert (found.run, found.refusal.template) == (None, "Not enough repeat buyers: {count}.")
    assert stored().empty


def test_a_board_without_orders_is_refused(people, base):
    found = score(people.emil.board_id)
    assert found.run is None
    assert "Nobody has bought" in str(found.refusal)


def test_each_board_keeps_its_own(people, base):
    score(people.dana.board_id)
    before = len(stored())
    score(people.emil.board_id)
    assert len(stored()) == before


@pytest.mark.parametrize("who", ["anna", "mia", "ben", "emil"])
def test_who_may_not_publish_scores_nothing(people, base, who):
    with pytest.raises(Refused):
        score(people.dana.board_id, actor=getattr(people, who).actor)
    assert stored().empty


def test_a_director_scores_his_own_board_alone(people, base):
    assert len(score(people.dana.board_id, actor=people.dana.actor).scores)
    with pytest.raises(Refused):
        score(people.emil.board_id, actor=people.dana.actor)


# ------------------------------------------------------------------------------------------------------ the job


def test_the_job_scores_and_keeps_the_day(people, base):
    publish(people.amir)
    with open_as(SYSTEM) as session:
        refresh_base(session, LAST_DAY)
    never = a_customer(people.anna)
    done = jobs.scores()
    assert done["snapshot"] == len(base) + 1
    assert done["modelled"] == len(stored())
    with open_as(people.dana.actor) as session:
        kept = {row.customer_id: row for row in session.scalars(select(ScoreSnapshot).where(ScoreSnapshot.as_of == LAST_DAY))}
        buyer = one(session, int(base.iloc[0]))
    assert kept[never.id].life_cycle == "potential"
    assert kept[never.id].p_alive is None
    mine = kept[buyer.id]
    assert (mine.life_cycle, mine.segment, mine.r_score) == (buyer.life_cycle, buyer.segment, buyer.r_score)
    assert mine.p_alive == pytest.approx(stored().loc[buyer.id, "p_alive"])
    assert jobs.scores()["snapshot"] == 0


def test_a_rerun_of_a_day_writes_what_changed_alone(people, base):
    jobs.scores()
    with open_as(SYSTEM) as session:
        put_setting(session, "thresholds", {"active_days": 1, "dormant_days": 2, "active_chance": 0.99, "dormant_chance": 0.98})
    changed = jobs.scores()["snapshot"]
    assert 0 < changed < len(base)
    assert count(ScoreSnapshot) == len(base)


def test_an_earlier_day_is_kept_and_today_is_left_alone(people, base):
    publish(people.amir)
    jobs.scores()
    with open_as(SYSTEM) as session:
        buyer = one(session, int(base.iloc[0]))
    before, now = stored(), (buyer.life_cycle, buyer.order_count, buyer.segment)
    day = dt.date(1997, 12, 31)
    assert jobs.scores(day)["snapshot"] > 390
    pd.testing.assert_frame_equal(stored(), before)
    with open_as(SYSTEM) as session:
        buyer = one(session, buyer.id)
        assert (buyer.life_cycle, buyer.order_count, buyer.segment) == now
        kept = session.scalars(
            select(ScoreSnapshot).where(ScoreSnapshot.as_of == day, ScoreSnapshot.customer_id == buyer.id)
        ).one()
        run = get(session, ModelRun, kept.model_run_id)
        assert (run.cutoff_on, run.kind) == (day, RunKind.REFIT)
        assert published_run(session, people.dana.board_id).cutoff_on == LAST_DAY
        model, _ = models_of(run)
        summary = history(session, PARETO.population(people.dana.board_id, day)).loc[buyer.id]
    assert kept.p_alive == pytest.approx(model.conditional_probability_alive(*summary[["frequency", "recency", "T"]]))
    assert (kept.owner_id, kept.board_id) == (buyer.owner_id, buyer.board_id)
    assert jobs.scores(day)["snapshot"] == 0


def test_old_days_are_thinned_to_one_a_month(people, base):
    days = [LAST_DAY - dt.timedelta(back) for back in (0, 30, 89, 100, 101, 140, 141, 142)]
    with open_as(SYSTEM) as session:
        for day in days:
            take_snapshot(session, day)
        gone = thin_snapshots(session, LAST_DAY)
        left = sorted(session.scalars(select(ScoreSnapshot.as_of).distinct()), reverse=True)
    assert left == [day for day in days if (LAST_DAY - day).days not in (101, 141, 142)]
    assert gone == 3


def test_a_rep_sees_the_scores_and_snapshots_of_his_customers_alone(people, base):
    jobs.scores()
    for person, others in ((people.anna, people.chen), (people.chen, people.anna)):
        with open_as(person.actor) as session:
            owners = session.scalars(
                select(Customer.owner_id).join(CustomerScore, CustomerScore.customer_id == Customer.id)
            ).all()
            assert set(owners) == {person.id}
            assert others.id not in set(session.scalars(select(ScoreSnapshot.owner_id)))
    with open_as(people.emil.actor) as session:
        assert session.scalars(select(CustomerScore)).all() == []
        assert session.scalars(select(ModelRun)).all() == []


# ---------------------------------------------------------------------------------------------- the life cycle


def test_the_life_cycle_follows_the_model(people, base):
    publish(people.amir)
    chance = stored()["p_alive"]
    with open_as(SYSTEM) as session:
        state = pd.Series(dict(session.execute(select(Customer.id, Customer.life_cycle)).all()))[chance.index]
    assert set(state[chance >= 0.5]) == {"active"}
    assert set(state[(chance < 0.5) & (chance >= 0.2)]) == {"dormant"}
    assert set(state[chance < 0.2]) == {"lost"}


def test_a_model_that_cannot_doubt_leaves_the_days_to_decide(people, base):
    publish(people.amir, RunSettings(model="nbd", holdout_days=0))
    with open_as(SYSTEM) as session:
        rows = session.execute(select(Customer.life_cycle, Customer.last_order_on).where(Customer.order_count > 0)).all()
    for state, last in rows:
        silent = (LAST_DAY - last).days
        assert state == ("active" if silent <= 180 else "dormant" if silent <= 365 else "lost")


def test_an_order_makes_a_lost_customer_active_at_once(people, base):
    publish(people.amir)
    with open_as(SYSTEM) as session:
        lost = session.scalars(select(Customer).where(Customer.life_cycle == "lost")).first()
    an_order(lost, 20, on=LAST_DAY)
    with open_as(SYSTEM) as session:
        refresh_base(session, LAST_DAY)
    with open_as(SYSTEM) as session:
        assert one(session, lost.id).life_cycle == "active"


def test_scores_never_move_a_version(people, base):
    jobs.scores()
    assert count(Customer, Customer.version > 1) == 0
    with open_as(SYSTEM) as session:
        amounts = session.scalars(select(CustomerScore.lifetime_value)).all()
    assert all(isinstance(amount, Decimal) and amount >= 0 for amount in amounts)


def test_a_large_base_has_its_indexes_and_the_same_scores_afterwards(people, base, monkeypatch):
    def indexes():
        with open_as(SYSTEM) as session:
            found = inspect(session.connection())
            return {table: sorted(one["name"] for one in found.get_indexes(table)) for table in ("customer", "customer_score")}

    publish(people.amir)
    before, scores = indexes(), stored()
    with open_as(SYSTEM) as session:
        bulk_derive(session, Customer, pd.DataFrame({"id": base.to_numpy(), "segment": "lost", "order_count": 0}))
    monkeypatch.setattr(driver, "_MANY", 10)
    jobs.scores()
    assert indexes() == before
    assert count(Customer, Customer.order_count == 0) < 10
    pd.testing.assert_frame_equal(stored(), scores)
