"""An evaluation's figures as tables for the command line."""

from collections.abc import Mapping

from rich.table import Table

from search.evaluation.measures import NAMES
from search.evaluation.run import BM25, HYBRID, RRF, Report


def measure_table(title: str, report: Report) -> Table:
    """Return each leg's measures, with the bounds of their 95 % intervals."""
    table = Table(title=title, title_justify="left")
    table.add_column("ranked by")
    for name in NAMES.values():
        table.add_column(name, justify="right")
    for leg, measures in report.measures().items():
        figures = [f"{m['value']:.3f} [dim]{m['low']:.3f}-{m['high']:.3f}[/]" for m in measures.values()]
        table.add_row(leg, *figures, style="bold" if leg == HYBRID else "")
    latency = report.latency()
    table.caption = f"median {latency['median']} ms, 95 % within {latency['p95']} ms" if latency else ""
    return table


def gain_table(report: Report) -> Table:
    """Return by how much hybrid is better than each of the others."""
    table = Table(title="hybrid is better than", title_justify="left")
    table.add_column("")
    names = ("mrr_10", "recall_10")
    for name in names:
        table.add_column(NAMES[name], justify="right")
    for leg, gains in report.gains(names).items():
        shown = [gains[name] for name in names]
        table.add_row(leg, *(f"{g['value']:+.1%} [dim]{g['low']:+.1%} to {g['high']:+.1%}[/]" for g in shown))
    return table


def kind_table(title: str, reports: Mapping[str, Report]) -> Table:
    """Return how well queries of each kind are answered: MRR@10 of hybrid and of the references, hybrid's recall@5."""
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in ("queries", "MRR@10", "recall@5", f"{BM25} MRR@10", f"{RRF} MRR@10"):
        table.add_column(name, justify="right")
    for kind, report in reports.items():
        measures = report.measures()
        mrr = measures[HYBRID]["mrr_10"]
        table.add_row(
            kind,
            str(report.pairs),
            f"[bold]{mrr['value']:.3f}[/] [dim]{mrr['low']:.3f}-{mrr['high']:.3f}[/]",
            f"{measures[HYBRID]['recall_5']['value']:.3f}",
            *(f"{measures[name]['mrr_10']['value']:.3f}" for name in (BM25, RRF)),
        )
    return table
