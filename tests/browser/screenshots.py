"""`make screenshots`: a picture of every page, light and dark, wide and on a phone, in docs/screenshots/."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.world import ROOT, Address, World, addresses, make_world

FOLDER = ROOT / "docs" / "screenshots"
SIZES = ((1280, 800), (390, 844))
SCHEMES = ("light", "dark")
QUALITY = 36  # of the pictures, as JPEG: all together have at most 6 MB
LIMIT = 6_000_000


@pytest.mark.timeout(1800)
def test_make_screenshots(open_page: Open, tmp_path: Path) -> None:
    world = make_world(tmp_path, real=True)
    pages = [*addresses(world), *_with_words(world)]
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.*"):
        old.unlink()
    for scheme in SCHEMES:
        for width, height in SIZES:
            options = {"width": width, "height": height, "color_scheme": scheme, "reduced_motion": "reduce"}
            inside, outside = open_page(world.owner, **options), open_page(**options)
            for address in pages:
                path = FOLDER / f"{address.file_name}-{scheme}-{width}.jpg"
                _take(outside if address.anonymous else inside, address, path)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= LIMIT


def _take(page: Page, address: Address, path: Path) -> None:
    page.goto(address.path, wait_until="networkidle")
    page.screenshot(path=path, type="jpeg", quality=QUALITY)


def _with_words(world: World) -> list[Address]:
    """Return what shows more once something is asked."""
    here = f"/{world.team.slug}/{world.workspace.slug}"
    return [Address("search-results", f"{here}/search/?q=where+is+the+signature+verified")]
