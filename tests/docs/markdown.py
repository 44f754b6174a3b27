"""What the project's pages name: links, headings, commands, paths, variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "k8s" / "README.md")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_SHELL = frozenset({"", "sh", "bash"})


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Path from the top of the checkout."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        """As it stands in the file."""
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """Without blocks of code."""
        return _FENCE.sub("", self.text)

    def links(self) -> list[str]:
        """Targets of links and pictures."""
        return _LINK.findall(_SPAN.sub("", self.prose))

    def anchors(self) -> set[str]:
        """What a link to a heading of this page may name, as GitHub makes it."""
        titles = [re.sub(r"[`*]", "", title).strip().lower() for title in _HEADING.findall(self.prose)]
        return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}

    def commands(self) -> Iterator[str]:
        """Lines of shell blocks without comments, and spans of code."""
        for language, block in _FENCE.findall(self.text):
            if language in _SHELL:
                yield from (re.sub(r"\s+#.*", "", line).strip() for line in block.splitlines())
        yield from _SPAN.findall(self.prose)

    def spans(self) -> list[str]:
        """Spans of code in the prose."""
        return _SPAN.findall(self.prose)


def pages() -> list[Page]:
    """All pages of the project."""
    return [Page(path) for path in PAGES]
