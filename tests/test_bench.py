"""The benchmarks make what they say and write what they measured. How fast anything is, is not tested."""

import gzip

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.bench import importing, main, report, scores
from crm.bench.data import TODAY
from crm.bench.place import Place
from crm.customers.models import Customer, CustomerScore, LifeCycle, Order, OrderLine, ScoreSnapshot
from crm.office.models import Notice
from crm.office.queries import today
from crm.pipeline.models import ForecastSnapshot, Opportunity, OpportunityChange, StageEvent
from crm.session import open_as
from crm.staff.models import Presence
from crm.support.models import OPEN, Case, CaseEvent, FeedbackInvitation, SurveyAnswer
from crm.targets.models import Target


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "data"
    main(["data", "--customers", "200", "--lines", "3000", "--deals", "400", "--cases", "300", "--out", str(folder)])
    return Place(folder)


def count(kind, *where) -> int:
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(kind.id)).where(*where))


def test_data_has_the_size_that_was_asked_for(made):
    with made.opened():
        assert count(Customer) == 200
        assert count(OrderLine) == 3000
        assert count(Order) == 1200


def test_data_has_deals_with_their_history(made):
    with made.opened():
        assert count(Opportunity) == count(StageEvent, StageEvent.from_stage_id.is_(None)) == 400
        assert count(StageEvent) > 1200
        assert count(OpportunityChange) > 100
        assert count(ForecastSnapshot) > 400
        with open_as(SYSTEM) as session:
            wrong = select(Opportunity.id).join(Customer, Customer.id == Opportunity.customer_id)
            assert session.scalars(wrong.where(Customer.owner_id != Opportunity.owner_id)).all() == []


def test_data_has_cases_with_their_events_and_answers(made):
    with made.opened():
        assert count(Case) == count(CaseEvent, CaseEvent.what == "opened") == 300
        assert 1200 < count(CaseEvent) < 2100
        assert 0 < count(Case, Case.state.in_(OPEN)) < 60
        assert 0 < count(SurveyAnswer) < count(FeedbackInvitation) < 200
        assert count(Case, Case.solved_at.is_not(None), Case.state.in_(OPEN)) == 0


def test_data_has_targets_of_everybody_that_add_up(made):
    with made.opened(), open_as(SYSTEM) as session:
        sums = select(Target.subject_kind, func.sum(Target.base)).where(Target.measure == "revenue", Target.period == "quarter")
        told = session.execute(sums.group_by(Target.subject_kind)).all()
        assert len({total for _, total in told}) == 1
        assert {kind for kind, _ in told} == {"person", "team", "board"}
        assert session.scalar(select(func.count(func.distinct(Target.owner_id)))) == 72
        assert len(set(session.scalars(select(ScoreSnapshot.as_of)))) == 3
    with made.opened():
        assert count(Notice) > 100
        assert count(Presence) > 5000


def test_data_adds_up(made):
    with made.opened(), open_as(SYSTEM) as session:
        lines = session.scalar(select(func.sum(OrderLine.amount)))
        assert lines == session.scalar(select(func.sum(Order.amount))) == session.scalar(select(func.sum(Customer.order_amount)))
        assert today(session) == TODAY
        assert session.scalar(select(func.max(Order.ordered_on))) <= TODAY
    with made.opened():
        assert count(Customer, Customer.segment.is_not(None)) == count(Customer, Customer.life_cycle != LifeCycle.POTENTIAL) > 100


def test_data_is_found_by_words_of_both_languages(made):
    with made.opened():
        assert count(Customer, Customer.search_text.contains("有限公司")) > 20
        assert count(Customer, Customer.search_text.contains(" ltd")) > 5


def test_data_is_made_once(made, capsys):
    main(["data", "--customers", "200", "--lines", "3000", "--deals", "400", "--cases", "300", "--out", str(made.folder)])
    assert "already" in capsys.readouterr().out


def test_data_leaves_a_folder_alone_that_is_not_its_own(tmp_path):
    (tmp_path / "crm.db").write_text("somebody's customers")
    with pytest.raises(SystemExit, match="something else"):
        main(["data", "--customers", "200", "--lines", "3000", "--out", str(tmp_path)])
    assert (tmp_path / "crm.db").read_text() == "somebody's customers"


def test_table_has_one_line_for_each_row():
    told = report.table(("Page", "p50"), [["Customers", "12 ms"], ["a|b", "**130 ms**"]])
    assert told == "| Page | p50 |\n| :-- | --: |\n| Customers | 12 ms |\n| a\\|b | **130 ms** |"


def test_a_section_is_replaced_and_the_rest_is_left(tmp_path):
    page = tmp_path / "benchmarks.md"
    report.write("pages", "Pages", "slow", page)
    report.write("import", "Import", "first", page)
    page.write_text(page.read_text().replace("# Benchmarks", "# Our benchmarks"))
    report.write("pages", "Pages", "fast \\1", page)
    text = page.read_text()
    assert text.startswith("# Our benchmarks")
    assert "slow" not in text
    assert text.index("fast \\1") < text.index("first")
    assert text.count("## Pages") == 1


def test_the_machine_is_described_without_its_name():
    import platform

    told = report.machine()
    assert "cores" in told
    assert platform.node() not in told


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.95, 10), (0.9, 9), (0.01, 1)])
def test_percentile_is_the_nearest_rank(share, expected):
    assert report.percentile(list(range(10, 0, -1)), share) == expected


def test_over_target_is_bold():
    assert report.judged(0.030, 0.025) == "**30 ms**"
    assert report.judged(0.025, 0.025) == report.judged(0.025, None) == "25 ms"


def test_order_file_has_the_lines_and_leaves_customers_out(tmp_path):
    with gzip.open(importing.order_file(tmp_path / "orders.csv.gz", 500), "rt") as file:
        lines = file.read().splitlines()
    assert len(lines) == 501
    assert lines[0] == "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    assert 0 < sum(line.split(",")[6] == "" for line in lines[1:]) < 400


def test_import_of_a_list_takes_the_good_rows_and_refuses_the_bad_ones(tmp_path):
    place = Place(tmp_path / "import")
    importing.prepare(place)
    found = importing.run(place, importing.customer_file(tmp_path / "customers.csv", 200), "customers", None)
    assert (found["read"], found["added"], found["refused"]) == (200, 190, 10)


def test_the_nightly_job_is_measured_on_a_base_that_holds_what_was_asked_for(tmp_path):
    place = Place(tmp_path / "scores")
    scores.make(place, 300, 3000)
    with place.opened():
        assert (count(Customer), count(Order)) == (300, 3000)
        assert count(Order, Order.kind == "return") in range(20, 120)
    found = scores.run(place, "first")
    assert found["customers"] > 200
    assert found["memory"] > 50
    with place.opened():
        assert count(CustomerScore) == found["customers"]
        assert count(ScoreSnapshot) == 300


def test_a_base_to_score_is_made_anew_in_its_own_folder_alone(tmp_path):
    (tmp_path / "crm.db").write_text("somebody's customers")
    with pytest.raises(SystemExit, match="something else"):
        scores.make(Place(tmp_path), 10, 100)
