"""Curves over the size of the index, as drawings for the documentation."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from bench.load.report import Figures

INK, FAINT = "#3f3f46", "#d4d4d8"
COLORS = ("#2563eb", "#059669", "#d97706", "#dc2626", "#7c3aed", "#0891b2")
TABLES = {
    "ingestion_chunk": "chunks: text and words",
    "ingestion_vector": "vectors, 384 dimensions",
    "ingestion_document": "documents: text",
    "ingestion_termstatistic": "term statistics",
}
# Text stays text, and the same figures make the same file.
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lightfast",
    "font.family": "sans-serif",
    "text.color": INK,
}

Lines = Mapping[str, Sequence[float]]


def draw(rows: Sequence[Figures], folder: Path) -> None:
    """Write the curves of latency, size and upkeep."""
    folder.mkdir(exist_ok=True)
    chunks = [row["chunks"] for row in rows]
    searches = rows[0]["search"]
    _lines(
        folder / "latency.svg", "Search, milliseconds", chunks,
        {mode: [row["search"][mode]["p50 ms"] for row in rows] for mode in searches},
        _number, faint={mode: [row["search"][mode]["p95 ms"] for row in rows] for mode in searches},
    )  # fmt: skip
    tables = {label: [bytes_of(row, name) for row in rows] for name, label in TABLES.items()}
    whole = {"all of the database": [row["database bytes"] for row in rows]}
    _lines(folder / "size.svg", "Size with indexes", chunks, whole | tables, _size)
    upkeep = {
        "sync of one changed file": [row["sync ms"] for row in rows],
        "whole look at a source without changes": [row["plan unchanged ms"] for row in rows],
        "term statistics, at each 5 % of growth": [row["statistics s"] * 1000 for row in rows],
    }
    _lines(folder / "upkeep.svg", "Upkeep, milliseconds", chunks, upkeep, _number)


def bytes_of(row: Figures, table: str) -> int:
    """Return the bytes of a table with its indexes."""
    sizes: dict[str, int] = row["table bytes"].get(table, {})
    return sum(sizes.values())


def _lines(
    path: Path,
    title: str,
    chunks: Sequence[int],
    lines: Lines,
    shown: Callable[[float, int], str],
    *,
    faint: Lines | None = None,
) -> None:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 4.8), layout="constrained")
        axes = figure.subplots()
        for (label, values), color in zip(lines.items(), COLORS, strict=False):
            axes.plot(chunks, values, "o-", color=color, linewidth=2, markersize=4, label=label)
            if faint is not None:
                axes.plot(chunks, faint[label], "--", color=color, linewidth=1)
        axes.set(xscale="log", yscale="log", xlabel="chunks")
        axes.set_title(title + (" (dashed: 95th percentile)" if faint else ""), loc="left", fontsize=11)
        axes.xaxis.set_major_formatter(FuncFormatter(_number))
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(shown))
        axes.set_xticks(chunks)
        axes.minorticks_off()
        axes.grid(color=FAINT, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _number(value: float, _: int) -> str:
    return f"{value:,.0f}"


def _size(value: float, _: int) -> str:
    return f"{value / 1e9:g} GB" if value >= 1e9 else f"{value / 1e6:g} MB"
