"""Rows as CSV that no spreadsheet mistakes for formulas."""

import csv
from collections.abc import Iterable, Iterator

# What makes a formula of a cell: https://owasp.org/www-community/attacks/CSV_Injection
DANGEROUS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the last four are full-width


class _Echo:
    def write(self, line: str) -> str:
        """Hand a line back instead of keeping it."""
        return line


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return the lines of a CSV file one by one."""
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def safe_cell(value: object) -> str:
    """Return a cell's text; what would be a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text
