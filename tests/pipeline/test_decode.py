import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.pipeline.decode import inspect
from ingestion.reasons import Reason

# What a text file may have in it: anything but control characters.
written = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\r\t"), max_size=300
)


@given(written)
def test_utf_8_is_read_as_it_is(text: str) -> None:
    expected = (text, None) if text.strip() and not text.startswith("\ufeff") else None
    if expected:
        assert inspect(text.encode()) == expected


@given(written, st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_marked_encodings_are_read_without_the_mark(text: str, encoding: str) -> None:
    if text.strip() and not text.startswith("\ufeff"):
        assert inspect(text.encode(encoding)) == (text, None)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_either_byte_order_is_read(encoding: str) -> None:
    assert inspect("\ufeffa = 'é'\n".encode(encoding)) == ("a = 'é'\n", None)


@given(st.binary(max_size=400))
@settings(max_examples=500)
def test_any_bytes_are_text_that_postgres_can_hold_or_a_reason(data: bytes) -> None:
    text, reason = inspect(data)
    if text is None:
        assert isinstance(reason, Reason)
    else:
        assert reason is None and text.strip() and "\0" not in text
        text.encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (b" \r\n\t", Reason.EMPTY),
        (b"\xef\xbb\xbf", Reason.EMPTY),
        (b"\xff\xfe \x00", Reason.EMPTY),
        (b"text\0more", Reason.BINARY),
        (b"\x7fELF\x01\x02\x03\x04\x05\x06", Reason.BINARY),
        (bytes(range(1, 32)) * 10, Reason.BINARY),
        ("a\0b".encode("utf-16"), Reason.BINARY),
        (b"\xff\xfea", Reason.UNDECODABLE),
        (b"\xff\xfe\x00\xd8\x00\x00", Reason.UNDECODABLE),
        ("これは日本語の文章です。\n".encode("shift-jis"), Reason.UNDECODABLE),
        ("Это русский текст.\n".encode("koi8-r"), Reason.UNDECODABLE),
        (b"caf\x81\n", Reason.UNDECODABLE),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", Reason.LFS_POINTER),
        (b"x" * 1_048_577, Reason.TOO_LARGE),
        (b"var a=1;" * 5_000, Reason.MINIFIED),
        (b"/* license */\n" + b"a{b:c}" * 5_000 + b"\n", Reason.MINIFIED),
    ],
)
def test_what_is_no_text_has_a_reason(data: bytes, reason: Reason) -> None:
    assert inspect(data) == (None, reason)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Gerät für “alles” zu 5 €\n".encode("cp1252"), "Gerät für “alles” zu 5 €\n"),
        (b"a\r\nb\rc\n", "a\r\nb\rc\n"),
        ("Æsop ".encode() * 20 + b"\xff\n", "Æsop " * 20 + "\ufffd\n"),
        (b"\x1b[31mred\x1b[0m\f\n", "\x1b[31mred\x1b[0m\f\n"),
        (b"one line of a short text " * 100, "one line of a short text " * 100),
        (
            ("A paragraph in one line. " * 30 + "\n\n").encode() * 30,
            ("A paragraph in one line. " * 30 + "\n\n") * 30,
        ),
    ],
)
def test_what_is_text_is_read(data: bytes, text: str) -> None:
    assert inspect(data) == (text, None)
