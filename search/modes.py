"""How a search looks, and how hard it tries."""

from enum import StrEnum


class Mode(StrEnum):
    """What counts as found."""

    HYBRID = "hybrid"  # words, meaning and path together
    SEMANTIC = "semantic"  # meaning alone
    LEXICAL = "lexical"  # words and path
    EXACT = "exact"  # the text as it is written, line by line
    REGEX = "regex"  # lines that match an RE2 pattern

    @property
    def is_literal(self) -> bool:
        """Whether it looks at the characters of lines, where quotes and white space mean themselves."""
        return self in (Mode.EXACT, Mode.REGEX)


class Effort(StrEnum):
    """What a ranked search may cost."""

    FAST = "fast"  # no model is asked
    BALANCED = "balanced"
    THOROUGH = "thorough"  # more candidates, and a reranking model where one is configured
