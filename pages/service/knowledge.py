"""What is known already: articles to search, write and publish."""

import streamlit as st

from crm.support.queries import article
from crm.ui.address import number
from crm.ui.desk import find, record_page
from crm.ui.support.article import article_page, to_all
from crm.ui.support.article_editor import edit_article, editing, new_article
from crm.ui.support.knowledge import knowledge
from crm.ui.top import top_line
from crm.words import say

person = record_page(needs="support:see")
writing, chosen = editing(), number("article", 0)
if writing and not chosen:
    top_line(say("New article"), person)
    new_article()
elif not chosen:
    top_line(say("Knowledge"), person)
    st.fragment(knowledge)()
elif (found := find(article, chosen)) is None:
    top_line(say("Knowledge"), person)
    to_all()
else:
    top_line(found.name, person)
    edit_article(found) if writing else article_page(found)
