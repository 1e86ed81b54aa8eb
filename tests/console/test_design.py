"""The design system keeps its own rules: its size, its contrasts, its icons, no style or script inside pages."""

import re
from pathlib import Path
from zipfile import ZipFile

import lucide
import pytest
from django.test import Client

from console import menu
from console.states import STATES

ROOT = Path(__file__).resolve().parent.parent.parent
CSS = ROOT / "static" / "css"
PAGES = sorted((ROOT / "templates").rglob("*.html"))
# Mails have no style sheet.
TEMPLATES = [path for path in PAGES if not {"mail", "email"} & set(path.parts)]
NAMES = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]


def test_all_styles_together_have_at_most_30_kilobytes() -> None:
    assert sum(path.stat().st_size for path in CSS.glob("*.css")) <= 30 * 1024


def test_the_script_has_at_most_150_lines() -> None:
    assert len((ROOT / "static" / "js" / "app.js").read_text().splitlines()) <= 150


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_no_page_has_a_style_or_script_inside(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|hx-on", text)
    for attributes in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in attributes or 'type="application/json"' in attributes


def _icons() -> set[str]:
    files = [
        *(ROOT / "templates").rglob("*.html"),
        *ROOT.glob("*/apps.py"),
        *ROOT.glob("*/**/templatetags/*.py"),
    ]
    found = {look.icon for look in STATES.values()}
    found |= {entry.icon for entry in (*menu.WORKSPACE.values(), *menu.TEAM.values())}
    found |= {icon for _label, icon, _view, _prefix in menu.ACCOUNT}
    for path in files:
        found.update(re.findall(r'(?:{% icon |icon=)"([\w-]+)"', path.read_text()))
    return found


def test_every_icon_is_one_of_the_set() -> None:
    with ZipFile(Path(lucide.__file__).parent / "lucide.zip") as archive:
        known = {name.removesuffix(".svg") for name in archive.namelist()}
    assert _icons() - known == set()


def _colors() -> dict[str, tuple[str, str]]:
    text = (CSS / "tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", text)
    single = re.findall(r"--([\w-]+): (#\w{6});", text)
    return {name: (light, dark) for name, light, dark in pairs} | {name: (one, one) for name, one in single}


def _luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    # The formula of WCAG 2.2, "relative luminance".
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TONES = ("accent", "success", "warning", "danger", "info")
GROUNDS = ("canvas", "surface", "sunken")
TEXTS = [
    *((ink, ground) for ink in ("ink", "quiet", "accent", "danger") for ground in GROUNDS),
    *((tone, f"{tone}-soft") for tone in TONES),
    *(("ink", f"{tone}-soft") for tone in TONES),
    ("on-accent", "solid"),
    ("on-accent", "solid-hover"),
    ("on-accent", "danger-solid"),
    ("ink", "mark"),
    ("surface", "ink"),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read_on_its_ground(text: str, ground: str, scheme: int) -> None:
    colors = _colors()
    assert _contrast(colors[text][scheme], colors[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["canvas", "surface"])
@pytest.mark.parametrize("line", ["edge", "accent"])
def test_the_edges_of_controls_can_be_seen(line: str, ground: str, scheme: int) -> None:
    colors = _colors()
    assert _contrast(colors[line][scheme], colors[ground][scheme]) >= 3


def test_the_style_guide_shows_every_piece(as_staff: Client) -> None:
    answer = as_staff.get("/styleguide/")
    assert answer.status_code == 200
    html = answer.content.decode()
    css = re.sub(r"/\*.*?\*/", "", (CSS / "components.css").read_text(), flags=re.DOTALL)
    used = set(re.findall(r"\.([a-z][\w-]*)", css))
    shown = set(re.findall(r"[\w-]+", " ".join(re.findall(r'class="([^"]*)"', html))))
    # What only scripts, htmx or a page of its own brings about.
    elsewhere = {"copied", "htmx-request", "narrow", "nonfield", "choices", "toast"}
    charts = {
        name for name in used if name.startswith(("chart", "u-", "trend", "second"))
    }  # on pages of their own
    assert used - shown - elsewhere - charts == set()


def test_the_style_guide_is_for_staff(as_alice: Client, db: None) -> None:
    assert as_alice.get("/styleguide/").status_code == 403
    assert Client().get("/styleguide/").status_code == 302
    assert as_alice.post("/styleguide/").status_code == 405
