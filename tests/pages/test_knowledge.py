"""The knowledge base as people use it, and what is suggested while a case is typed."""

import pytest

from crm.session import open_as
from crm.support.commands import ArticleInput, edit_article, link_article, publish_article, write_article
from crm.support.queries import article, articles_of
from crm.ui.support.changes import changed
from crm.ui.support.knowledge import marked
from crm.words import say, speaking
from tests.factories import a_case, a_customer
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left, sent

PAGE = "pages/service/knowledge.py"


@pytest.fixture
def known(people):
    """Two published, one draft of gia."""
    with open_as(people.ben.actor) as session:
        text = "# Do\n\nOil the spring.\n\n<b>x</b> ![pixel](http://e.example/p.png)"
        pedal = write_article(session, ArticleInput(name="Pedal sticks", text=text, category="Repair"))
        text = "请检查网线，重新启动打印机的弹簧。"
        printer = write_article(session, ArticleInput(name="打印机无法连接", text=text, category="维修"))
        for one in (pedal, printer):
            publish_article(session, one.id)
    with open_as(people.gia.actor) as session:
        draft = write_article(session, ArticleInput(name="Strings", text="New strings need a day."))
    return [pedal.id, printer.id, draft.id]


def of(article_id, person):
    with open_as(person.actor) as session:
        return article(session, article_id)


def test_it_works_search_shows_where_the_words_stand(people, known):
    at = opened(PAGE, people.anna, search="spring")
    shown = texts(at)
    assert not at.exception and "1 article" in shown and "Pedal sticks" in shown and "打印机" not in shown
    assert "Do Oil the :primary-background[spring]" in shown
    at.text_input(key="knowledge.search").set_value("弹簧").run()
    assert "启动打印机的:primary-background[弹簧]" in texts(at) and "Pedal sticks" not in texts(at)
    at.button(key=f"open.{known[1]}").click().run()
    assert [one.value for one in at.title] == ["打印机无法连接"] and at.query_params["search"] == "弹簧"


def test_categories_count_what_fits_and_narrow_it(people, known):
    at = opened(PAGE, people.anna)
    assert list(at.button_group(key="knowledge.category").options) == ["Repair :gray[1]", "维修 :gray[1]"]
    at.button_group(key="knowledge.category").set_value("Repair").run()
    assert f"open.{known[0]}" in keys(at) and f"open.{known[1]}" not in keys(at)
    assert at.query_params["category"] == "Repair"
    at.button_group(key="knowledge.state").set_value("draft").run()
    at.button_group(key="knowledge.category").set_value(None).run()
    assert f"open.{known[2]}" in keys(at)


def test_nothing_found_offers_what_is_alike_and_the_way_out(people, known):
    at = opened(PAGE, people.anna, search="pedal explodes")
    assert "No article fits" in texts(at) and "These share some of the words" in texts(at) and f"open.{known[0]}" in keys(at)
    [off] = [button for button in at.button if button.label == "Take all filters off"]
    off.click().run()
    assert "2 articles" in texts(at)


def test_empty_says_what_to_do(people):
    at = opened(PAGE, people.gia)
    assert "Nothing is published yet" in texts(at) and "knowledge.new" in keys(at)
    assert "knowledge.new" not in keys(opened(PAGE, people.amir))


def test_an_article_shows_text_without_html_and_pictures_and_its_cases(people, known):
    customer = a_customer(people.anna)
    mine, other = a_case(people.anna, customer, subject="Stuck"), a_case(people.anna, customer)
    hidden = a_case(people.chen, a_customer(people.chen), subject="Hidden")
    with open_as(people.ben.actor) as session:
        link_article(session, mine.id, known[0], helped=True)
        link_article(session, other.id, known[0], helped=False)
    with open_as(people.chen.actor) as session:
        link_article(session, hidden.id, known[0])
    assert f"useful.{known[0]}" in keys(opened(PAGE, people.anna))
    at = opened(PAGE, people.anna, article=known[0])
    shown = texts(at)
    assert "It helped in 1 of 2 (50 %)" in shown.replace("\u00a0", " ") and "Stuck" in shown and "Ben Okafor" in shown
    assert "Hidden" not in shown and "1 case is not yours to see" in shown
    assert "![" not in shown and not [one for one in at.markdown if one.allow_html]
    assert not {"article.edit", "article.retire"} & keys(at)


def test_from_draft_to_published_and_retired(people, known):
    at = opened(PAGE, people.ben, article=known[2])
    at.button(key="article.publish").click().run()
    assert of(known[2], people.ben).state == "published" and "article.publish" not in keys(at)
    at.button(key="article.retire").click().run()
    assert of(known[2], people.ben).state == "retired"
    assert "article.remove_yes" not in keys(at)


def test_written_with_a_preview(people):
    at = opened(PAGE, people.gia, article=0, edit=1)
    at.text_input(key="article.new.name").set_value("Bows")
    at.text_area(key="article.new.text").set_value("Use **rosin**").run()
    assert "Use **rosin**" in [one.value for one in at.markdown]
    at.button(key="article.new.save").click().run()
    assert [one.value for one in at.title] == ["Bows"] and "Draft" in texts(at)
    assert "article.publish" not in keys(at) and "article.edit" in keys(at)


def test_an_edit_is_a_version_and_the_difference_is_shown(people, known):
    at = opened(PAGE, people.gia, article=known[2], edit=1)
    at.text_area(key=f"article.{known[2]}.text").set_value("New strings need two days.").run()
    at.button(key=f"article.{known[2]}.save").click().run()
    assert "edit" not in at.query_params and of(known[2], people.gia).edition == 2
    at.session_state["article.versions"] = True
    at.run()
    assert changed("a\nb\nc", "a\nB\nc") == ["@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"]


def test_a_save_that_was_overtaken_shows_both(people, known):
    at = opened(PAGE, people.gia, article=known[2], edit=1)
    with open_as(people.ben.actor) as session:
        edit_article(session, known[2], ArticleInput(name="Strings", text="Of Ben"), of(known[2], people.ben).version)
    at.text_area(key=f"article.{known[2]}.text").set_value("Of Gia").run()
    at.button(key=f"article.{known[2]}.save").click().run()
    [both] = at.table
    assert ["Of Gia", "Of Ben"] in both.value.values.tolist() and of(known[2], people.ben).text == "Of Ben"
    at.button(key=f"article.{known[2]}.mine").click().run()
    assert of(known[2], people.ben).text == "Of Gia" and "edit" not in at.query_params


def test_an_article_that_is_not_there(people):
    at = opened(PAGE, people.anna, article=999)
    assert "does not exist" in at.error[0].value and "article.back" in keys(at)


def test_in_chinese(people, known):
    with speaking("zh"):
        for query in ({}, {"article": known[0]}, {"article": known[2], "edit": 1}):
            at = opened(PAGE, people.ben, "zh", **query)
            assert not at.exception and english_left(at) <= {"Repair", "English"}, query
        assert say("Knowledge") in sent(opened(PAGE, people.ben, "zh"))


def test_marked_words_are_text():
    assert marked("a *spring* [x]", "SPRING") == r"a \*:primary-background[spring]\* \[x\]"


# --------------------------------------------------------------------------------------------------- suggestions


def suggested(text, case_id):
    import streamlit as st

    from crm.ui.support.suggestions import suggestions

    def into(text):
        st.session_state["written"] = text

    suggestions(text, case_id, "s", insert=into)


def test_suggested_while_typing_put_in_and_judged(people, known):
    case = a_case(people.anna, a_customer(people.anna))
    assert not dialog(suggested, people.anna, "hm", case.id).expander
    at = dialog(suggested, people.anna, "My pedal is sticking", case.id)
    assert "Pedal sticks" in at.expander[0].label and f"s.{known[0]}.insert" not in keys(at)
    at.session_state[f"s.{known[0]}.panel"] = True
    at.run()
    at.button(key=f"s.{known[0]}.insert").click().run()
    assert at.session_state["written"].startswith("# Do")
    at.session_state[f"s.{known[0]}.panel"] = True
    at.run()
    at.button(key=f"s.{known[0]}.True").click().run()
    with open_as(people.anna.actor) as session:
        assert articles_of(session, case.id)["helped"].tolist() == [True]
