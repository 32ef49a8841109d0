"""The day of each role once more, on PostgreSQL; of administrator and analyst only by `make proof`."""

import pytest

from tests.browser.test_administrator_journey import (
    test_an_administrator_takes_in_equips_lets_go_and_finds_it_in_the_log,
)
from tests.browser.test_insight_journeys import (
    base,
    test_an_analyst_fits_compares_publishes_selects_saves_and_takes_away,
)
from tests.browser.test_performance_journeys import (
    plan,
    test_a_director_types_a_target_approves_the_plan_and_attainment_asks_for_it,
)
from tests.browser.test_pipeline_journeys import (
    deal,
    test_a_rep_moves_a_deal_logs_a_call_makes_a_quote_and_wins_it,
)
from tests.browser.test_service_journey import (
    test_an_agent_takes_answers_waits_and_solves_and_the_customer_answers,
    waiting,
)
from tests.conftest import proof

DATABASE_KIND = "postgres"
pytestmark = pytest.mark.postgres

__all__ = [
    "base",
    "deal",
    "plan",
    "test_a_director_types_a_target_approves_the_plan_and_attainment_asks_for_it",
    "test_a_rep_moves_a_deal_logs_a_call_makes_a_quote_and_wins_it",
    "test_an_administrator_takes_in_equips_lets_go_and_finds_it_in_the_log",
    "test_an_agent_takes_answers_waits_and_solves_and_the_customer_answers",
    "test_an_analyst_fits_compares_publishes_selects_saves_and_takes_away",
    "waiting",
]
if not proof():
    del (
        test_an_administrator_takes_in_equips_lets_go_and_finds_it_in_the_log,
        test_an_analyst_fits_compares_publishes_selects_saves_and_takes_away,
    )
