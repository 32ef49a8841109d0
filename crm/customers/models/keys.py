"""What makes two names or two phones the same."""

from __future__ import annotations

import re
import unicodedata

_COMPANY_WORDS = re.compile(
    r"(有限责任公司|股份有限公司|有限公司|集团|公司|\b(?:co|ltd|limited|inc|incorporated|corp|corporation|llc|plc|gmbh|ag|sa|bv|company)\b\.?)"
)


_CHINA = re.compile(r"^(?:00)?86(?=0?\d{10,11}$)")


def name_key(name: str) -> str:
    """A name reduced to what makes two records the same: width, case, spaces, punctuation and legal form do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = re.sub(r"[\W_]+", "", _COMPANY_WORDS.sub(" ", folded))
    return (bare or re.sub(r"[\W_]+", "", folded))[:200]


def phone_key(phone: str | None) -> str | None:
    """The last eleven digits: country code, leading zeros, spaces and hyphens do not count. Fewer than six are no phone."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone or ""))
    bare = _CHINA.sub("", digits).lstrip("0")[-11:]
    return bare if len(bare) >= 6 else None
