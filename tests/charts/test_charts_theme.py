"""Colours that everybody can tell apart, and one look in the figures and around them."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from crm.charts.theme import DARK, LIGHT, MEANINGS, NEGATIVE, NEUTRAL, PALETTE, POSITIVE, WARNING, colour_of, template
from crm.words import english_label
from crm.words.catalogue import chinese

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])


def linear(colour):
    part = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def seen(colour, vision):
    """CIE Lab of a colour as this vision has it."""
    ratio = XYZ @ np.clip(np.array(VISION[vision]) @ linear(colour), 0, 1) / XYZ.sum(axis=1)
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one, two):
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    dh = (h2 - h1 + 180) % 360 - 180
    hue = (h1 + dh / 2) % 360
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * np.cos(np.radians(hue - 30)) + 0.24 * np.cos(np.radians(2 * hue))
    t += 0.32 * np.cos(np.radians(3 * hue + 6)) - 0.20 * np.cos(np.radians(4 * hue - 63))
    sl = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = -np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2)))) * 2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    dl, dc, dhue = (l2 - l1) / sl, (c2 - c1) / sc, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2)) / sh
    return float(np.sqrt(dl**2 + dc**2 + dhue**2 + rotation * dc * dhue))


def contrast(one, two):
    light, dark = sorted((float(XYZ[1] @ linear(colour)) + 0.05 for colour in (one, two)), reverse=True)
    return light / dark


def test_the_difference_is_the_published_one():
    """Sharma, Wu and Dalal (2005), table 1, pairs 1, 7 and 25."""
    pairs = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    assert [ciede2000(one, two) for one, two, _ in pairs] == pytest.approx([known for *_, known in pairs], abs=1e-4)


@pytest.mark.parametrize("vision", VISION)
def test_eight_categories_can_be_told_apart(vision):
    nearest = min((ciede2000(seen(one, vision), seen(two, vision)), one, two) for one, two in combinations(PALETTE, 2))
    assert len(set(PALETTE)) == 8
    assert nearest[0] >= 12, nearest


@pytest.mark.parametrize("background", [LIGHT.surface, DARK.surface, DARK.raised])
def test_marks_stand_out_on_both_backgrounds(background):
    weakest = min((contrast(colour, background), colour) for colour in {*PALETTE, POSITIVE, NEGATIVE, WARNING, NEUTRAL})
    assert weakest[0] >= 3, weakest


@pytest.mark.parametrize("ink", [LIGHT, DARK])
def test_text_is_readable(ink):
    for surface in (ink.surface, ink.raised):
        assert contrast(ink.text, surface) >= 7
        assert contrast(ink.muted, surface) >= 4.5


@pytest.mark.parametrize("ink", [LIGHT, DARK])
@pytest.mark.parametrize("vision", VISION)
def test_the_sequential_ramp_runs_one_way_for_everybody(ink, vision):
    lightness = np.array([seen(colour, vision)[0] for colour in ink.sequential])
    steps = np.diff(lightness) * (1 if ink is DARK else -1)
    assert steps.min() > 1


@pytest.mark.parametrize("ink", [LIGHT, DARK])
def test_the_diverging_ramp_is_calmest_in_the_middle(ink):
    away = [ciede2000(seen(colour, "deuteranopia"), seen(ink.surface, "deuteranopia")) for colour in ink.diverging]
    assert away[:5] == sorted(away[:5], reverse=True)
    assert away[5:] == sorted(away[5:])


def test_a_code_keeps_its_colour():
    assert colour_of("life_cycle", "active") == PALETTE[0]
    assert colour_of("segment", "a rule of our own") == NEUTRAL
    assert colour_of("life_cycle", "active") != colour_of("life_cycle", "dormant")
    with pytest.raises(KeyError):
        colour_of("no such meaning", "active")


@pytest.mark.parametrize("meaning", MEANINGS)
def test_codes_of_one_meaning_have_different_colours_and_chinese_words(meaning):
    colours = MEANINGS[meaning]
    assert len(set(colours.values())) == len(colours)
    assert {english_label(code) for code in colours} <= chinese().keys()
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours.values())


def test_config_and_figures_have_one_look():
    assert CONFIG["theme"]["chartCategoricalColors"] == list(PALETTE)
    assert CONFIG["theme"]["font"] == template(False).layout.font.family
    for side, ink in (("light", LIGHT), ("dark", DARK)):
        theme = CONFIG["theme"][side]
        found = [theme["backgroundColor"], theme["secondaryBackgroundColor"], theme["textColor"]]
        assert found == [ink.surface, ink.raised, ink.text]
        assert theme["chartSequentialColors"] == list(ink.sequential)
        assert theme["chartDivergingColors"] == list(ink.diverging)
        assert contrast(theme["primaryColor"], "#ffffff") >= 4.5, "white words on the primary button"
        assert contrast(theme["primaryColor"], ink.surface) >= 3


def test_every_font_and_icon_comes_from_this_machine():
    faces = CONFIG["theme"]["fontFaces"]
    assert faces and all((ROOT / face["url"].removeprefix("app/")).is_file() for face in faces)
    assert "http" not in (ROOT / ".streamlit/config.toml").read_text(encoding="utf-8")
    assert "SIL Open Font License" in (ROOT / "static/inter-LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("dark", [False, True])
def test_only_the_download_button_is_left(dark):
    removed = set(template(dark).layout.modebar.remove)
    assert {"zoom", "pan", "select", "lasso", "sendcharttocloud"} <= removed
    assert "toimage" not in removed
    assert template(dark).layout.xaxis.showgrid is False
