"""What axe-core says of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
# Something that is fading in has not its own colors yet; what turns for ever is not waited for.
ANIMATED = """Promise.all(document.getAnimations().filter((animation) => animation.effect.getComputedTiming().endTime
    !== Infinity).map((animation) => animation.finished.catch(() => null)))"""
_axe = Axe()


def grave_problems(page: Page) -> list[str]:
    """Return the serious and critical violations on a page, each with the first element it was found at."""
    page.evaluate(ANIMATED)
    found = _axe.run(page).response["violations"]
    return [
        f"{problem['id']} at {problem['nodes'][0]['target']}: {problem['help']}"
        for problem in found
        if problem["impact"] in GRAVE
    ]


def check(page: Page) -> None:
    """Fail if a page has serious or critical problems."""
    problems = grave_problems(page)
    assert not problems, f"{page.url}: {problems}"
