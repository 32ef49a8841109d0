import pytest

from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from crm.support.commands import (
    ArticleInput,
    edit_article,
    link_article,
    publish_article,
    remove_draft,
    retire_article,
    unlink_article,
    write_article,
)
from crm.support.queries import (
    article,
    articles,
    articles_of,
    cases_of,
    categories,
    category_counts,
    found_in,
    most_useful,
    suggest,
    versions,
)
from crm.support.queries.knowledge import terms_of
from tests.factories import a_case, a_customer, a_product


def write(person, name, text, **further):
    with open_as(person.actor) as session:
        return write_article(session, ArticleInput.model_validate({"name": name, "text": text} | further))


@pytest.fixture
def known(people):
    """Three published articles."""
    texts = {
        "Piano pedal sticks": "Loosen the screw of the pedal, oil the spring.",
        "Violin string breaks": "Change the string, look at the bridge.",
        "打印机无法连接网络": "请检查网线，重启打印机，重新设置无线网络。",
    }
    found = [write(people.ben, name, text, category="Repair") for name, text in texts.items()]
    with open_as(people.ben.actor) as session:
        for one in found:
            publish_article(session, one.id)
    return [one.id for one in found]


def test_it_works_from_draft_to_published_to_retired(people):
    draft = write(people.gia, "Pedal", "Oil it")
    with open_as(people.anna.actor) as session:
        assert articles(session).empty
        assert articles(session, state="draft")["author"].tolist() == ["Gia Rossi"]
    with pytest.raises(Refused), open_as(people.gia.actor) as session:
        publish_article(session, draft.id)
    with open_as(people.ben.actor) as session:
        publish_article(session, draft.id)
        with pytest.raises(Invalid):
            publish_article(session, draft.id)
        assert retire_article(session, draft.id).state == "retired"
        assert articles(session).empty


def test_versions_stay(people):
    draft = write(people.gia, "Pedal", "Oil it")
    with open_as(people.gia.actor) as session:
        edit_article(session, draft.id, ArticleInput(name="Pedal", text="Grease it"), draft.version)
        edit_article(session, draft.id, ArticleInput(name="Pedal", text="Grease it", category="Repair"), draft.version + 1)
        assert article(session, draft.id).edition == 2
        assert versions(session, draft.id)["text"].tolist() == ["Grease it", "Oil it"]


def test_a_draft_is_its_authors_and_what_is_published_is_for_publishers(people, known):
    draft = write(people.gia, "Pedal", "Oil it")
    for person, one in ((people.anna, draft.id), (people.gia, known[0])):
        with pytest.raises(Refused), open_as(person.actor) as session:
            edit_article(session, one, ArticleInput(name="Mine", text="Now"), article(session, one).version)
    with pytest.raises(Refused):
        write(people.amir, "Reader", "Writes nothing")


def test_found_by_words_of_either_language(people, known):
    with open_as(people.anna.actor) as session:
        assert articles(session, "PEDAL oil")["id"].tolist() == [known[0]]
        assert articles(session, "打印机 网线")["id"].tolist() == [known[2]]
        assert articles(session, "pedal violin").empty
        assert len(articles(session, category="Repair", language="zh")) == 3
        assert categories(session) == ["Repair"]


def test_counts_by_category_and_the_place_found(people, known):
    write(people.gia, "No category", "Pedal")
    with open_as(people.anna.actor) as session:
        assert category_counts(session) == {"Repair": 3}
        assert category_counts(session, "pedal") == {"Repair": 1} and category_counts(session, state="draft") == {"": 1}
        assert len(articles(session, state="draft", category="")) == 1
        assert found_in(session, known, "SPRING") == {known[0]: "Loosen the screw of the pedal, oil the spring."}
        assert found_in(session, known, "打印机")[known[2]].startswith("请检查网线") and not found_in(session, known, "sticks")


def test_the_most_useful_is_the_one_that_surely_helped_most(people, customer, known):
    cases = [a_case(people.anna, customer) for _ in range(5)]
    with open_as(people.anna.actor) as session:
        assert most_useful(session).empty
        link_article(session, cases[0].id, known[1], helped=True)
        for place, one in enumerate(cases):
            link_article(session, one.id, known[0], helped=place > 0)
        link_article(session, cases[0].id, known[2], helped=False)
        told = most_useful(session)
    assert told["id"].tolist() == [known[0], known[1]] and told["helped"].tolist() == [4, 1]


def test_only_a_draft_that_was_never_published_is_thrown_away(people, known):
    draft = write(people.gia, "Pedal", "Oil it")
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        remove_draft(session, draft.id)
    with open_as(people.gia.actor) as session:
        remove_draft(session, draft.id)
        assert articles(session, state="draft").empty
    with pytest.raises(Invalid), open_as(people.ben.actor) as session:
        remove_draft(session, known[0])


def test_suggested_while_a_case_is_typed(people, known):
    product = a_product()
    with open_as(people.anna.actor) as session:
        assert suggest(session, "The pedal of my piano is sticking")["id"].tolist()[0] == known[0]
        assert suggest(session, "办公室的打印机连不上网络了")["id"].tolist() == [known[2]]
        assert suggest(session, "the that with").empty
        assert suggest(session, "string", product_id=product.id)["score"].iloc[0] > 0


def test_terms():
    assert terms_of("The E-Piano 打印机 is e-piano") == ["e-piano", "打印", "印机"]
    assert terms_of("") == []


def test_linked_to_cases_and_whether_it_helped(people, customer, known):
    found = a_case(people.anna, customer)
    with open_as(people.anna.actor) as session:
        link = link_article(session, found.id, known[0])
        link_article(session, found.id, known[0], helped=True)
        second = link_article(session, found.id, known[1], helped=False)
        assert articles_of(session, found.id)["helped"].tolist() == [True, False]
        unlink_article(session, second.id)
    with open_as(people.emil.actor) as session:
        told = articles(session, "pedal").iloc[0]
        assert (told["links"], told["helped"], told["not_helped"]) == (1, 1, 0)
        assert cases_of(session, known[0]).empty
        with pytest.raises(NotFound):
            link_article(session, found.id, known[1])
    for person in (people.amir, people.emil):
        with pytest.raises(Refused), open_as(person.actor) as session:
            unlink_article(session, link.id)


def test_a_lead_of_another_team_does_not_see_what_is_linked(people, known):
    found = a_case(people.chen, a_customer(people.chen))
    with open_as(people.chen.actor) as session:
        link_article(session, found.id, known[0])
        assert len(articles_of(session, found.id)) == 1
    with open_as(people.ben.actor) as session:
        assert articles_of(session, found.id).empty
