"""What the pages of text point to is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def links(page: Path) -> list[str]:
    """The addresses that a page points to, but for those of other hosts."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """What its headings are called in an address, as GitHub makes it of them."""
    headings = HEADING.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    page = ROOT / name
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name} points to {link}, which is not there"
        assert target.is_relative_to(ROOT), f"{name} points to {link}, outside of the repository"
        assert not anchor or anchor in anchors(target), f"{name} points to {link}; {path} has no such heading"


def test_every_page_and_picture_of_the_docs_is_pointed_to() -> None:
    named = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in PAGES)
    listed = subprocess.run(
        ["git", "ls-files", "docs"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    for name in listed.stdout.split():
        if Path(name).suffix in (".md", ".jpg", ".png", ".svg") and "decisions/" not in name:
            assert Path(name).name in named, f"nothing points to {name}"
