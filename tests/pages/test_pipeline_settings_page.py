import pytest

from crm.access import SYSTEM
from crm.pipeline.commands import PipelineDetails, add_pipeline, seed_pipelines
from crm.pipeline.queries import pipelines, stage, stages, stages_of
from crm.session import open_as
from tests.factories import a_customer, an_opportunity
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/admin/settings.py"


@pytest.fixture
def standard(people):
    """code -> id of the stages of the default pipeline"""
    with open_as(SYSTEM) as session:
        return {one.code: one.id for one in stages_of(session, seed_pipelines(session).id)}


def codes(person):
    with open_as(person.actor) as session:
        return stages(session, int(pipelines(session)["id"][0]))["code"].tolist()


@pytest.mark.parametrize(("name", "language"), [("ada", "en"), ("bao", "zh")])
def test_it_works(people, standard, name, language):
    at = opened(PAGE, getattr(people, name), language, view="pipelines")
    assert not at.exception
    assert f"stage.edit.{standard['bid']}" in keys(at)
    if language == "zh":
        assert english_left(at) == set()
    else:
        assert "**Tender published**" in texts(at) and "Of all boards" in texts(at)


def test_without_a_pipeline_it_says_what_one_brings(people):
    assert "No pipeline yet." in texts(opened(PAGE, people.ada, view="pipelines"))


@pytest.mark.parametrize("name", ["anna", "dana"])
def test_the_page_stays_closed_to_others(people, standard, name):
    at = opened(PAGE, getattr(people, name), view="pipelines")
    assert "Your role does not open this page." in at.error[0].value
    assert "pipeline.new" not in keys(at)


def test_a_stage_moves_by_its_arrows(people, standard):
    at = opened(PAGE, people.ada, view="pipelines")
    at.button(key=f"stage.-1.{standard['bid']}").click().run()
    assert codes(people.ada)[-3:] == ["bid", "tender_published", "signed"]
    assert at.button(key=f"stage.1.{standard['signed']}").disabled
    assert at.button(key=f"stage.-1.{standard['lead']}").disabled


def test_one_of_several_pipelines_is_looked_at(people, standard):
    with open_as(people.ada.actor) as session:
        other = add_pipeline(session, PipelineDetails(name="Rentals", board_id=people.units["Music"])).id
    at = opened(PAGE, people.ada, view="pipelines")
    at.segmented_control(key="pipeline.chosen").set_value(other).run()
    assert at.subheader[0].value == "Rentals"
    assert f"stage.edit.{standard['bid']}" not in keys(at)


def test_the_pipeline_of_another_board_is_only_read(people, standard):
    with open_as(people.ada.actor) as session:
        other = add_pipeline(session, PipelineDetails(name="Presses", board_id=people.units["Machinery"])).id
    changing = {"pipeline.edit", "stage.new"}
    for person, may in ((people.ada, True), (people.bao, False)):
        at = opened(PAGE, person, view="pipelines", pipeline=str(other))
        found = {key for key in keys(at) if key in changing or str(key).startswith(("stage.edit.", "stage.1.", "stage.-1."))}
        assert at.subheader[0].value == "Presses"
        assert changing <= found if may else found == set()
    assert any("Set up by those who lead this board." in one.value for one in at.caption)
    assert changing <= set(keys(opened(PAGE, people.bao, view="pipelines")))


# ------------------------------------------------------------------------------------------------- the dialogs


def new_pipeline_body():
    from crm.ui.pipeline.settings import new_pipeline

    new_pipeline()


def test_a_pipeline_is_added_with_the_usual_stages(people, standard):
    at = dialog(new_pipeline_body, people.ada)
    at.text_input(key="pipeline.add.name").set_value("Rentals")
    at.button[0].click().run()
    with open_as(people.ada.actor) as session:
        assert pipelines(session).set_index("name").loc["Rentals", "stages"] == 7


def edit_pipeline_body(pipeline_id):
    from crm.ui.pipeline.settings import edit_pipeline

    edit_pipeline(pipeline_id)


def test_a_pipeline_is_renamed_and_removed(people, standard):
    with open_as(people.ada.actor) as session:
        other = add_pipeline(session, PipelineDetails(name="Rentals")).id
    at = dialog(edit_pipeline_body, people.ada, other)
    at.text_input(key=f"pipeline.{other}.name").set_value("Leases")
    at.button[0].click().run()
    with open_as(people.ada.actor) as session:
        assert "Leases" in pipelines(session)["name"].tolist()
    dialog(edit_pipeline_body, people.ada, other).button(key="pipeline.remove_yes").click().run()
    with open_as(people.ada.actor) as session:
        assert pipelines(session)["name"].tolist() == ["Standard"]


def new_stage_body(pipeline_id):
    from crm.ui.pipeline.settings import new_stage

    new_stage(pipeline_id)


def test_a_stage_is_added_with_what_it_asks(people, standard):
    with open_as(people.ada.actor) as session:
        first = int(pipelines(session)["id"][0])
    at = dialog(new_stage_body, people.ada, first)
    at.text_input(key="stage.add.name").set_value("Pilot")
    at.text_input(key="stage.add.name_zh").set_value("试用")
    at.number_input(key="stage.add.chance").set_value(62.5)
    at.number_input(key="stage.add.rotting_days").set_value(10)
    at.multiselect(key="stage.add.required_fields").set_value(["need", "amount"])
    at.text_area(key="stage.add.criteria").set_value("Site visited\n\n Plan signed ")
    at.button[0].click().run()
    with open_as(people.ada.actor) as session:
        added = stages(session, first).iloc[-1]
    assert (added["name"], added["name_zh"], added["probability"], added["rotting_days"]) == ("Pilot", "试用", 0.625, 10)
    assert (added["exit_criteria"], added["required_fields"]) == (["Site visited", "Plan signed"], ["need", "amount"])


def edit_stage_body(stage_id):
    from crm.ui.pipeline.settings import edit_stage

    edit_stage(stage_id)


def test_a_stage_is_changed_and_keeps_the_rest(people, standard):
    at = dialog(edit_stage_body, people.ada, standard["need_confirmed"])
    key = f"stage.{standard['need_confirmed']}.form"
    assert at.number_input(key=f"{key}.chance").value == 30
    at.number_input(key=f"{key}.chance").set_value(35.0)
    at.button[0].click().run()
    with open_as(people.ada.actor) as session:
        found = stage(session, standard["need_confirmed"])
    assert (found.code, found.probability, found.required_fields, found.rotting_days) == ("need_confirmed", 0.35, ["need"], 14)


def test_a_stage_that_somebody_changed_meanwhile_shows_both(people, standard):
    at = dialog(edit_stage_body, people.ada, standard["bid"])
    with open_as(people.bao.actor) as session:
        stage(session, standard["bid"]).rotting_days = 99
    at.number_input(key=f"stage.{standard['bid']}.form.chance").set_value(80.0)
    at.button[0].click().run()
    assert at.warning and at.table
    at.button(key=f"stage.{standard['bid']}.form.mine").click().run()
    with open_as(people.ada.actor) as session:
        assert stage(session, standard["bid"]).probability == 0.8


def test_a_stage_with_deals_stays_and_an_empty_one_goes(people, standard):
    an_opportunity(people.anna, a_customer(people.anna), stage_id=standard["bid"])
    at = dialog(edit_stage_body, people.ada, standard["bid"])
    assert "1 open and 0 closed deals stand here" in texts(at)
    assert "pipeline.remove_yes" not in keys(at)
    dialog(edit_stage_body, people.ada, standard["solution"]).button(key="pipeline.remove_yes").click().run()
    assert "solution" not in codes(people.ada) and "bid" in codes(people.ada)
