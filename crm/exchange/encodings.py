"""Which encoding a text file has: told by its mark, proved by decoding all of it, or weighed (GB18030 against Windows-1252)."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from crm.exchange.errors import ExchangeError
from crm.exchange.streams import HEAD, not_a_table

BLOCK = 1 << 20
WEIGHED_RUNS = 20_000
SURELY_CHINESE = 4
FIRST_TRAIL = 0xA1
FEWEST_PLAIN = 0.05
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
RUN = re.compile(rb"[\x80-\xff]+")
NOT_IN_WINDOWS_1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
# GB2312 orders its characters: punctuation and full-width forms, then the 3,755 most common characters, then the rarer ones.
RARE = range(0xD8, 0xF8)
ASSIGNED = {*range(0xA1, 0xAA), *range(0xB0, 0xD8), *RARE}


def detect_encoding(head: bytes, stream: BinaryIO) -> str:
    """Python's name of the encoding; `head` is the beginning of the stream, which stands at its start and is read to its end."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if 0 in head:
        return _utf16_without_mark(head)
    weigh = _Weigher()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030")}
    lines = 1
    for block, final in _blocks(stream):
        if 0 in block:
            line = lines + block[: block.index(0)].count(b"\n")
            raise ExchangeError("Line {line} holds binary data, not text.", line=line)
        lines += block.count(b"\n")
        for name, decoder in list(decoders.items()):
            try:
                decoder.decode(block, final)
            except UnicodeDecodeError:
                del decoders[name]
        if "utf-8" not in decoders or not block.isascii():
            weigh.add(block)
    if "utf-8" in decoders:
        return "utf-8"
    if "gb18030" in decoders and weigh.speaks_chinese():
        return "gb18030"
    return "latin-1" if weigh.bytes_seen & NOT_IN_WINDOWS_1252 else "cp1252"


def _blocks(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    while block := stream.read(BLOCK):
        yield block, False
    yield b"", True


def _utf16_without_mark(head: bytes) -> str:
    """A text in another encoding holds no NUL; UTF-16 read in the wrong order shows next to no plain letters and line ends."""
    plain = {}
    for name in ("utf-16-le", "utf-16-be"):
        text = head.decode(name, errors="ignore")
        if "\0" not in text and ("\n" in text or "\r" in text):
            plain[name] = sum(" " <= character <= "~" or character in "\t\r\n" for character in text) / len(text)
    best = max(plain, key=lambda name: plain[name], default=None)
    if best is None or plain[best] < FEWEST_PLAIN or (len(head) < HEAD and len(head) % 2):
        raise not_a_table()
    return best


class _Weigher:
    """Counts what speaks for Chinese and what for a Western language, over the runs of bytes beyond ASCII."""

    def __init__(self) -> None:
        self.bytes_seen: frozenset[int] = frozenset()
        self._chinese = 0.0
        self._western = 0.0
        self._runs = 0

    def add(self, block: bytes) -> None:
        self.bytes_seen |= frozenset(block) - frozenset(range(0x80))
        if self._runs >= WEIGHED_RUNS:
            return
        for match in RUN.finditer(block):
            self._weigh(match.group(), block[max(match.start() - 2, 0) : match.start()], block[match.end() : match.end() + 1])
            self._runs += 1
            if self._runs >= WEIGHED_RUNS:
                return

    def speaks_chinese(self) -> bool:
        return self._chinese > self._western

    def _weigh(self, run: bytes, before: bytes, after: bytes) -> None:
        """Chinese comes in pairs of high bytes, often many; an accented letter stands alone, or doubled inside a word."""
        in_word = after.isalpha() or (len(before) == 2 and before.isalpha())
        pairs = list(zip(run[::2], run[1::2], strict=False))
        if len(run) == 1 or (len(run) == 2 and in_word and run.decode("cp1252", errors="replace").isalpha()):
            self._western += 1
        elif len(run) >= SURELY_CHINESE:
            self._chinese += len(pairs)
        elif all(lead in ASSIGNED and trail >= FIRST_TRAIL for lead, trail in pairs):
            self._chinese += sum(0.4 if lead in RARE else 1.0 for lead, _ in pairs)
        else:
            self._western += 0.5
