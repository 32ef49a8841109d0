"""The figures of the team page: value, marks, pay."""

import pandas as pd

from crm.charts.judging import marks, pays
from crm.charts.value_change import assets_and_volume, fall

STEPS = pd.DataFrame(
    {
        "step": ["opening", "new", "grown", "lost", "closing"],
        "change": [100.0, 20.0, 0.0, -50.0, 70.0],
        "total": [100.0, 120.0, 120.0, 70.0, 70.0],
        "customers": [0, 2, 0, 1, 0],
    }
)


def test_each_step_begins_where_the_one_before_ended():
    bar = fall(STEPS, "lost").data[0]
    assert list(bar.customdata) == ["opening", "new", "lost", "closing"], "what did not happen is left out"
    ends = [base + size for base, size in zip(bar.base, bar.x, strict=True)]
    assert (bar.base[1], ends[1]) == (100, 120)
    assert (bar.base[2], ends[2]) == (70, 120)
    assert ends[3] == 70 and list(bar.marker.line.width) == [0, 0, 2, 0]


def test_far_from_zero_the_axis_begins_later():
    far = STEPS.assign(total=STEPS["total"] + 9900, change=[10_000.0, 20.0, 0.0, -50.0, 9970.0])
    bar = fall(far).data[0]
    assert 0 < bar.base[0] < 9970 and bar.base[0] + bar.x[0] == 10_000


def test_nothing_to_draw():
    assert not fall(STEPS.head(0)).data
    assert not assets_and_volume(pd.DataFrame({"person_id": [], "person": [], "revenue": [], "worth_change": []})).data
    assert not marks(pd.DataFrame({"criterion": [], "by": [], "mark": []}), 5).data
    assert not pays(pd.DataFrame({"share": [], "amount": []})).data


def test_right_what_he_sold_and_up_what_his_customers_gained():
    people = pd.DataFrame({"person_id": [1, 2], "person": ["Anna", "<b>"], "revenue": [10.0, 30.0], "worth_change": [5.0, -2.0]})
    points = assets_and_volume(people, picked=2).data[0]
    assert (list(points.x), list(points.y), list(points.customdata)) == ([10, 30], [5, -2], [1, 2])
    assert points.text[1] == "&lt;b&gt;" and list(points.marker.line.width) == [0, 3]


def test_a_sign_for_each_reviewer_and_their_mean():
    given = pd.DataFrame({"criterion": ["Goals", "Goals", "Care"], "by": ["Ben", "Dana", "Ben"], "mark": [5, 3, 2]})
    mean, ben, dana = marks(given, 5).data
    assert list(mean.x) == [3, 1] and mean.base == 1, "bars go from 1 to the mean"
    assert (list(ben.x), list(dana.x)) == ([5, 2], [3])


def test_what_meeting_the_target_pays():
    line, point = pays(pd.DataFrame({"share": [0.0, 0.5, 1.0, 1.5], "amount": [0.0, 5.0, 10.0, 20.0]}), met=1.0).data
    assert list(line.y) == [0, 5, 10, 20] and (point.x[0], point.y[0]) == (1, 10)
