"""Path patterns as people type them, turned into Postgres regular expressions."""

import re

from lightfast.lib.errors import UserError

LONGEST = 300  # characters
MOST_WILDCARDS = 12
PART = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[!?[^\]/]+\]|.", re.DOTALL)
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
    if part.startswith("[") and len(part) > 1:
        inside = part[1:-1].removeprefix("!").replace("\\", r"\\").replace("[", r"\[")
        return f"[{'^' if part[1] == '!' else ''}{inside}]"
    return SPECIAL.sub(r"\\\1", part)
