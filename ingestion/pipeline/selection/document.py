"""Reading YAML that somebody else wrote: small, plain, and with the line of whatever is wrong."""

import yaml

MAX_BYTES, MAX_DEPTH = 65_536, 8
QUOTE = 'Put a pattern that begins with * in quotes: "*.md".'


class CannotRead(Exception):
    """What is wrong, and what to do; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def compose(data: bytes) -> yaml.Node | None:
    """Return the nodes of the one document, None when there is nothing in it; raise `CannotRead`.

    Aliases, by which a few bytes can grow to gigabytes, are refused, and deep nesting, which the parser takes minutes
    for.
    """
    if len(data) > MAX_BYTES:
        raise CannotRead(1, "It is larger than 64 KB. List folders instead of files.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotRead(
            data.count(b"\n", 0, error.start) + 1, "It is not UTF-8. Save it as UTF-8."
        ) from error
    try:
        depth = 0
        for event in yaml.parse(text, yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            _refuse_bombs(event, depth)
        return yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise CannotRead(*_explain(error, text)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise CannotRead(line, "It has a character in it that YAML forbids. Remove that.") from error


def _refuse_bombs(event: yaml.Event, depth: int) -> None:
    line = event.start_mark.line + 1 if event.start_mark else 1
    if depth > MAX_DEPTH:
        raise CannotRead(line, "It is nested too deeply. A key takes a value or a list of patterns.")
    if isinstance(event, yaml.AliasEvent):
        raise CannotRead(line, f"Aliases (*{event.anchor}) cannot be used. {QUOTE}")
    if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
        raise CannotRead(
            line, f"Anchors (&{event.anchor}) cannot be used. Put text that begins with & in quotes."
        )


def _explain(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    if error.context == "while scanning an alias":
        return line, f"It is not YAML. {QUOTE}"
    if error.context == "while scanning an anchor":
        return line, "It is not YAML. Put text that begins with & in quotes."
    lines = text.splitlines()
    if line <= len(lines) and "\t" in lines[line - 1]:
        return line, "It is not YAML: there is a tab in this line. Indent with spaces."
    if isinstance(error, yaml.composer.ComposerError):
        return line, "It has a second document after ---. Keep one."
    return line, f"It is not YAML: {error.problem or error.context}. Put patterns in quotes."
