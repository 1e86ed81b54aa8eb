"""The vocabulary of the local model: its tokenizer, and what that tells of English."""

import json
from functools import cache
from pathlib import Path

TOKENIZER = Path(__file__).parent / "data" / "tokenizer.json"


@cache
def english() -> tuple[str, ...]:
    """Return English words, the most frequent first.

    WordPiece numbers the words of BERT's uncased vocabulary so (Devlin et al., 2019, on books and Wikipedia).
    """
    numbers: dict[str, int] = json.loads(TOKENIZER.read_text(encoding="utf-8"))["model"]["vocab"]
    words = (word for word in numbers if len(word) > 1 and word.isascii() and word.isalpha())
    return tuple(sorted(words, key=numbers.__getitem__))
