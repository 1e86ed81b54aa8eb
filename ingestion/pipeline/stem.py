"""A light stemmer: plurals, past tenses and gerunds, of ASCII words."""

MIN_LENGTH = 4
VOWELS = frozenset("aeiouy")
# Words that the rules would get wrong, or make one with another that matters in code.
EXCEPTIONS = {
    "alias": "alias",
    "atlas": "atlas",
    "bias": "bias",
    "canvas": "canvas",
    "embed": "embed",
    "https": "https",
    "ids": "id",
    "indices": "index",
    "lens": "lens",
    "matrices": "matrix",
    "news": "news",
    "used": "use",
    "using": "use",
    "vertices": "vertex",
}


def stem(word: str) -> str:
    """Return what a lower-case word shares with its other forms: cache, caches, cached and caching give one.

    The plural s goes, then -ed or -ing with the consonant doubled before it, then a final e or a second l, and a final
    y becomes i. What it returns need not be a word.
    """
    if word not in EXCEPTIONS and (len(word) < MIN_LENGTH or not word.isascii() or not word.isalpha()):
        return word
    for step in (_without_plural, _without_tense, _without_ending):
        if word in EXCEPTIONS:
            return EXCEPTIONS[word]
        word = step(word)
    return word


def _without_plural(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > MIN_LENGTH else word[:-1]


def _without_tense(word: str) -> str:
    if word.endswith("ied") and len(word) > MIN_LENGTH:
        return f"{word[:-3]}y"
    if word.endswith("ing"):
        root = word[:-3]
    elif word.endswith("ed") and not word.endswith("eed"):
        root = word[:-2]
    else:
        return word
    if len(root) < 3 or VOWELS.isdisjoint(root):
        return word
    doubled = len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeioulsz"
    return root[:-1] if doubled else root


def _without_ending(word: str) -> str:
    if len(word) < MIN_LENGTH:
        return word
    if word[-1] == "e" and word[-2] != "e":
        return word[:-1]
    if word[-1] == "y" and word[-2] not in VOWELS:
        return f"{word[:-1]}i"
    return word[:-1] if word.endswith("ll") and len(word) > MIN_LENGTH else word
