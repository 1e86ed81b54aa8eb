"""From bytes to text, or to the reason why not."""

import codecs

from ingestion.reasons import Reason

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LONG_LINE = 1_000  # characters a line on average: nobody wrote that by hand
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
CONTROLS = frozenset(range(32)) - {7, 8, 9, 10, 12, 13, 27}


def inspect(data: bytes) -> tuple[str, None] | tuple[None, Reason]:
    """Return the text, or the reason to leave the document out. Line endings stay as they are.

    UTF-8, UTF-16 and UTF-32 by their marks, UTF-8 without one, else Windows-1252 where nothing speaks against it.
    """
    if data.startswith(LFS_POINTER):
        return None, Reason.LFS_POINTER
    text = _decode(data)
    if text is None or "\0" in text:
        return None, Reason.BINARY if b"\0" in data else Reason.UNDECODABLE
    if not text.strip():
        return None, Reason.EMPTY
    if len(text) > 20 * LONG_LINE and len(text) > LONG_LINE * (text.count("\n") + 1):
        return None, Reason.MINIFIED
    return text, None


def _decode(data: bytes) -> str | None:
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), None)
    try:
        if encoding is not None:
            return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        if b"\0" in data:
            return None
        return data.decode()
    except UnicodeDecodeError:
        pass
    if encoding is not None or any(byte in CONTROLS for byte in data[:4_096]):
        return None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return None
