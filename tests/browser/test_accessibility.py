"""Every page can be used by everybody: axe-core finds nothing serious, light and dark, wide and on a phone."""

from pathlib import Path

import pytest

from tests.browser.accessibility import grave_problems
from tests.browser.conftest import Open
from tests.browser.world import addresses, make_world

# The innermost element that reaches beyond the right edge.
STICKS_OUT = """[...document.querySelectorAll("main *")].findLast(
    (element) => element.getBoundingClientRect().right > innerWidth)?.outerHTML.slice(0, 200)"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_page_has_a_grave_problem(open_page: Open, tmp_path: Path, scheme: str, width: int) -> None:
    world = make_world(tmp_path)
    inside = open_page(world.owner, width=width, color_scheme=scheme, reduced_motion="reduce")
    outside = open_page(width=width, color_scheme=scheme, reduced_motion="reduce")
    problems: list[str] = []
    pages = addresses(world)
    for address in pages:
        page = outside if address.anonymous else inside
        answer = page.goto(address.path, wait_until="networkidle")
        assert answer and answer.status == 200, address.path
        problems += [f"{address.name}: {problem}" for problem in grave_problems(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems.append(
                f"{address.name}: it is wider than {width} pixels, at {page.evaluate(STICKS_OUT)}"
            )
    assert problems == [], "\n".join(problems)
    assert len(pages) > 40
