"""The Chinese line of an English text, from zh.toml."""

import tomllib
from functools import cache
from pathlib import Path

from crm.words.language import language

ZH = Path(__file__).with_name("zh.toml")


@cache
def chinese() -> dict[str, str]:
    words: dict[str, str] = tomllib.loads(ZH.read_text(encoding="utf-8"))["words"]
    return words


def translation(english: str) -> str:
    return chinese().get(english, english) if language() == "zh" else english
