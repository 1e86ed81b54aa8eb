"""Text from elsewhere."""


def storable(text: str) -> str:
    """Return text that Postgres and UTF-8 can hold: without NUL, and with `?` for half characters."""
    return text.replace("\0", "").encode(errors="replace").decode()
