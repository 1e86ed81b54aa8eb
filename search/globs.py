"""Path patterns as people type them, turned into Postgres regular expressions."""

import re

from lightfast.lib.errors import UserError

LONGEST = 300  # characters
MOST_WILDCARDS = 12
PART = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[!?[^\]/]+\]|.", re.DOTALL)
RANGE = re.compile(r".-.", re.DOTALL)
SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")


def glob_regex(pattern: str) -> str:
    r"""Return the regular expression of a glob: `*` stays within a folder, `**` does not, `vendor/` is all below it.

    A pattern may begin at any folder, unless it begins with `/`; what is below a match matches, too.
    """
    if len(pattern) > LONGEST or pattern.count("*") > MOST_WILDCARDS:
        raise UserError(
            f"The path pattern is too long: {LONGEST} characters and {MOST_WILDCARDS} asterisks are the most."
        )
    anchored, body = pattern.startswith("/"), pattern.strip("/").removesuffix("/**")
    if not body:
        raise UserError("A path pattern needs a name in it, such as path:src/ or path:*.py.")
    found = "".join(_part(match[0]) for match in PART.finditer(body))
    below = "/" if pattern.endswith(("/", "/**")) else "(?:/|$)"
    return f"{'^' if anchored else '(?:^|/)'}{found}{below}"


def _part(part: str) -> str:
    if part == "**/":
        return "(?:.*/)?"
    if part.startswith("*"):
        return ".*" if len(part) > 1 else "[^/]*"
    if part == "?":
        return "[^/]"
    if len(part) > len("[]") and part != "[!]":
        return _class(part[1:-1])
    return SPECIAL.sub(r"\\\1", part)


def _class(inside: str) -> str:
    """Return the class of characters for what stands in brackets, such as `a-z_` or `!0-9`."""
    kept = inside.removeprefix("!")
    found = ""
    while kept:
        if RANGE.match(kept):
            if kept[0] > kept[2]:
                raise UserError(f"[{inside}] is no range of a path pattern: write [{kept[2]}-{kept[0]}].")
            found, kept = f"{found}{_character(kept[0])}-{_character(kept[2])}", kept[3:]
        else:
            found, kept = found + _character(kept[0]), kept[1:]
    return f"[{'^' if inside.startswith('!') else ''}{found}]"


def _character(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else f"\\{character}"
