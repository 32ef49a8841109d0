import pytest
from pydantic import ValidationError

from crm.errors import Invalid, NotFound, Refused, Stale
from crm.pipeline.commands import (
    PipelineDetails,
    StageDetails,
    add_pipeline,
    add_stage,
    delete_opportunities,
    edit_pipeline,
    edit_stage,
    remove_pipeline,
    remove_stage,
    reorder_stages,
    seed_pipelines,
)
from crm.pipeline.queries import pipeline_of_board, pipelines, stage, stages
from crm.session import open_as
from tests.factories import an_opportunity

STANDARD = ["lead", "follow_up", "need_confirmed", "solution", "tender_published", "bid", "signed"]


@pytest.fixture
def standard(people):
    with open_as(people.eve.actor) as session:
        return seed_pipelines(session)


def test_it_works(people, standard):
    with open_as(people.anna.actor) as session:
        found = stages(session, standard.id)
        assert pipelines(session)[["name", "is_default", "stages"]].values.tolist() == [["Standard", True, 7]]
    assert found["code"].tolist() == STANDARD
    assert found["probability"].is_monotonic_increasing
    assert found["position"].tolist() == list(range(7))


def test_seeding_twice_changes_nothing(people, standard):
    with open_as(people.anna.actor) as session:
        assert seed_pipelines(session).id == standard.id


@pytest.mark.parametrize("name", ["anna", "ben", "amir"])
def test_refused_for_who_does_not_set_up(people, standard, name):
    acts = [
        lambda session: add_pipeline(session, PipelineDetails(name="Mine")),
        lambda session: edit_pipeline(session, standard.id, PipelineDetails(name="Mine"), standard.version),
        lambda session: remove_pipeline(session, standard.id),
        lambda session: add_stage(session, standard.id, StageDetails(probability=1)),
        lambda session: reorder_stages(session, standard.id, []),
        lambda session: remove_stage(session, 1),
    ]
    for act in acts:
        with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
            act(session)


def test_a_board_has_a_pipeline_of_its_own_before_that_of_all(people, standard):
    music = people.units["Music"]
    with open_as(people.bao.actor) as session:
        own = add_pipeline(session, PipelineDetails(name="Pianos", board_id=music, is_default=True))
        edit_pipeline(session, own.id, PipelineDetails(name="Grand pianos", board_id=music, is_default=True), own.version)
        assert pipeline_of_board(session, music).name == "Grand pianos"
        assert pipeline_of_board(session, people.units["Machinery"]).id == standard.id
        assert len(pipelines(session, people.units["Machinery"])) == 1
        with pytest.raises(Stale):
            edit_pipeline(session, own.id, PipelineDetails(name="Again"), 1)
        with pytest.raises(Invalid):
            add_pipeline(session, PipelineDetails(name="Of a department", board_id=people.units["Sales East"]))


def test_what_is_of_another_board_is_for_that_board_to_set_up(people, standard):
    """Of all: for each who sets up; but it stays of all."""
    machinery, music = people.units["Machinery"], people.units["Music"]
    with open_as(people.ada.actor) as session:
        theirs = add_pipeline(session, PipelineDetails(name="Presses", board_id=machinery))
        ids = stages(session, theirs.id)["id"].tolist()
        version = stage(session, ids[0]).version
    own = PipelineDetails(name="Mine now", board_id=music)
    acts = [
        lambda session: add_pipeline(session, PipelineDetails(name="Theirs too", board_id=machinery)),
        lambda session: edit_pipeline(session, theirs.id, own, theirs.version),
        lambda session: edit_pipeline(session, standard.id, own, standard.version),
        lambda session: remove_pipeline(session, theirs.id),
        lambda session: add_stage(session, theirs.id, StageDetails(probability=1)),
        lambda session: edit_stage(session, ids[0], StageDetails(probability=1), version),
        lambda session: reorder_stages(session, theirs.id, ids[::-1]),
        lambda session: remove_stage(session, ids[0]),
    ]
    for act in acts:
        with pytest.raises(Refused), open_as(people.bao.actor) as session:
            act(session)
    with open_as(people.bao.actor) as session:
        edit_pipeline(session, standard.id, PipelineDetails(name="The usual", is_default=True), standard.version)
    with open_as(people.ada.actor) as session:
        edit_pipeline(session, theirs.id, PipelineDetails(name="Heavy presses", board_id=machinery), theirs.version)


def test_names_are_taken_once(people, standard):
    with pytest.raises(Invalid, match="of this name"), open_as(people.eve.actor) as session:
        add_pipeline(session, PipelineDetails(name="Standard"))


def test_stages_are_added_changed_and_put_in_order(people, standard):
    with open_as(people.bao.actor) as session:
        added = add_stage(session, standard.id, StageDetails(name="Paid", probability=0.99, exit_criteria=["Money is there"]))
        assert (added.code, added.position) == ("stage_1", 7)
        edit_stage(session, added.id, StageDetails(name="Paid", probability=1, required_fields=["need"]), added.version)
        ids = stages(session, standard.id)["id"].tolist()
        reorder_stages(session, standard.id, [ids[-1], *ids[:-1]])
        assert stages(session, standard.id)["code"].tolist() == ["stage_1", *STANDARD]
        with pytest.raises(Invalid):
            reorder_stages(session, standard.id, ids[1:])
        remove_stage(session, added.id)
        assert stages(session, standard.id)[["code", "position"]].values.tolist() == [
            [code, position] for position, code in enumerate(STANDARD)
        ]
        assert add_stage(session, standard.id, StageDetails(probability=0.5)).code == "stage_2"


def test_a_stage_asks_for_fields_there_are(people):
    with pytest.raises(ValidationError):
        StageDetails(probability=0.5, required_fields=["height"])
    with pytest.raises(ValidationError):
        StageDetails(probability=50)


def test_not_removed_while_somebodys_deals_stand_in_it(people, customer, standard):
    """Also those that the administrator cannot see."""
    deal = an_opportunity(people.anna, customer)
    for act in (lambda session: remove_stage(session, deal.stage_id), lambda session: remove_pipeline(session, standard.id)):
        with pytest.raises(Invalid, match="1 open and 0 closed"), open_as(people.ada.actor) as session:
            act(session)
    with open_as(people.ben.actor) as session:
        delete_opportunities(session, [deal.id])
    with open_as(people.ada.actor) as session:
        remove_stage(session, deal.stage_id)
        with pytest.raises(NotFound):
            stage(session, deal.stage_id)
        with pytest.raises(Invalid, match="last pipeline"):
            remove_pipeline(session, standard.id)
