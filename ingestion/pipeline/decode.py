"""From bytes to text, or to the reason why not."""

import codecs

from ingestion.reasons import Reason
from ingestion.sources.base import MAX_BYTES

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
# Nobody wrote lines by hand that are this many characters long on average, in a text that is not short.
MAX_LINE_AVERAGE, SHORT_TEXT = 1_000, 5_000
# UTF-32 first: its little-endian mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROLS = bytes(set(range(32)) - set(b"\a\b\t\n\v\f\r\x1a\x1b")) + b"\x7f"
MAX_CONTROLS = 0.01  # share of the bytes; more are no text
MAX_FOREIGN = 0.3  # share of bytes beyond ASCII in Windows-1252; more are some other encoding
MAX_BROKEN = 0.1  # share of broken sequences among the characters beyond ASCII of what still is UTF-8


def inspect(data: bytes) -> tuple[str, None] | tuple[None, Reason]:
    """Return the text, or the reason to leave the document out. Line endings stay as they are.

    UTF-8, UTF-16 and UTF-32 by their marks, UTF-8 without one, with � for what is broken if that is little, else
    Windows-1252 where nothing speaks against it. The text has no NUL and no surrogates, which PostgreSQL would refuse.
    """
    if len(data) > MAX_BYTES:
        return None, Reason.TOO_LARGE
    if data.startswith(LFS_POINTER):
        return None, Reason.LFS_POINTER
    marked = next((encoding for mark, encoding in MARKS if data.startswith(mark)), "")
    if not marked and (b"\0" in data or _count(data, CONTROLS) > MAX_CONTROLS * len(data)):
        return None, Reason.BINARY
    text = _decode(data, marked)
    if text is None:
        return None, Reason.UNDECODABLE
    if "\0" in text:
        return None, Reason.BINARY
    if not text or text.isspace():
        return None, Reason.EMPTY
    if len(text) > SHORT_TEXT and len(text) > MAX_LINE_AVERAGE * (text.count("\n") + 1):
        return None, Reason.MINIFIED
    return text, None


def _decode(data: bytes, marked: str) -> str | None:
    try:
        return data.decode(marked or "utf-8")
    except UnicodeDecodeError:
        if marked and marked != "utf-8-sig":
            return None
    text = data.decode(marked or "utf-8", "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    if text.count("\ufffd") <= MAX_BROKEN * foreign:
        return text
    if marked or _count(data, bytes(range(128, 256))) > MAX_FOREIGN * len(data):
        return None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return None


def _count(data: bytes, wanted: bytes) -> int:
    return len(data) - len(data.translate(None, wanted))
