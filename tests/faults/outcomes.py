"""What became of each scenario, for the table that closes the suite."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    """The kills of a scenario, the rows compared with those of a fresh index, and what was wrong with them."""

    scenario: str
    kills: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    examples: list[str] = field(default_factory=list)
    verdict: str = "failed"
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether nothing is lost, doubled or stuck."""
        return not (self.lost or self.doubled or self.stuck)


COLUMNS = "{:<58} {:<8} {:>5} {:>9} {:>10} {:>4} {:>7} {:>5} {:>7}"
HEADS = ("scenario", "outcome", "kills", "documents", "deliveries", "lost", "doubled", "stuck", "seconds")


def table(outcomes: list[Outcome]) -> list[str]:
    """Return a line for each scenario, their sum, and who was killed how often."""
    total = Outcome("all")
    lines = [COLUMNS.format(*HEADS)]
    for outcome in outcomes:
        lines.append(_line(outcome))
        total.kills += outcome.kills
        total.checked += outcome.checked
        total.lost, total.doubled = total.lost + outcome.lost, total.doubled + outcome.doubled
        total.stuck, total.seconds = total.stuck + outcome.stuck, total.seconds + outcome.seconds
    total.verdict = f"{sum(outcome.verdict == 'passed' for outcome in outcomes)}/{len(outcomes)}"
    killed = ", ".join(f"{name} {number}" for name, number in total.kills.most_common())
    return [*lines, _line(total), f"killed: {killed or 'nobody'}"]


def _line(outcome: Outcome) -> str:
    return COLUMNS.format(
        outcome.scenario[:58], outcome.verdict, outcome.kills.total(), outcome.checked["documents"],
        outcome.checked["deliveries"], outcome.lost, outcome.doubled, outcome.stuck, f"{outcome.seconds:.0f}",
    )  # fmt: skip
