"""How pages name what comes from sources."""


def kind_label(kind: str, number: int = 2) -> str:
    """Return the words for a kind of document, one or many: `pull_request` is "pull requests"."""
    words = kind.replace("_", " ")
    return words if number == 1 else f"{words}s"
