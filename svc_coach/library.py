"""Sentences that need no model: data in `templates/*.yaml`, checked when the service starts.

TemplateError -- a file can't be used; says which file, which template and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from svc_coach.policy import Kind

TEMPLATE_FOLDER = Path(__file__).parent / "templates"
MAX_TEXT_LENGTH = 120
ANY_FAULT = "any_fault"
"""Template for a fault that has none of its own."""
_KINDS = {"correction": Kind.CORRECTION, "praise": Kind.PRAISE, "milestone": Kind.MILESTONE}
_LONGEST_EXERCISE = "assisted single arm overhead press"


class TemplateError(ValueError):
    """A file of templates can't be used."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: str = Field(pattern=r"^(correction|praise|milestone)$")
    exercise: str = ""
    texts: list[str] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Template:
    """Wordings for one situation."""

    name: str
    exercise: str
    """Exercise id; empty for any."""
    kind: Kind
    texts: tuple[str, ...]
    """{number} and {exercise} stand for what was measured."""


class Library:
    """All templates."""

    def __init__(self, templates: list[Template]) -> None:
        self.templates = sorted(templates, key=lambda template: (template.name, template.exercise))
        self._by_key = {(template.name, template.exercise): template for template in templates}

    @classmethod
    def load(cls, folder: Path = TEMPLATE_FOLDER) -> Library:
        """Reads all files of a folder. Raises TemplateError."""
        templates = [template for path in sorted(folder.glob("*.yaml")) for template in _read(path)]
        keys = [(template.name, template.exercise) for template in templates]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise TemplateError(f"{folder}: these are there twice: {sorted(doubled)}")
        if (ANY_FAULT, "") not in keys:
            raise TemplateError(f"{folder}: the template {ANY_FAULT} is missing")
        return cls(templates)

    def find(self, name: str, exercise: str) -> Template:
        """The template of a situation, best the one for the exercise."""
        for key in ((name, exercise), (name, ""), (ANY_FAULT, "")):
            if key in self._by_key:
                return self._by_key[key]
        raise KeyError(name)


def fill(template: Template, turn: int, number: int, exercise: str) -> str:
    """The wording whose turn it is, with what was measured."""
    wording = template.texts[turn % len(template.texts)]
    return wording.format(number=number, exercise=exercise.replace("_", " "))


def _read(path: Path) -> list[Template]:
    try:
        entries = TypeAdapter(list[_Entry]).validate_python(yaml.safe_load(path.read_text()))
    except (yaml.YAMLError, ValidationError) as error:
        raise TemplateError(f"{path.name}: {error}") from None
    templates = [Template(e.name, e.exercise, _KINDS[e.kind], tuple(e.texts)) for e in entries]
    for template in templates:
        for turn in range(len(template.texts)):
            _check(path, template, turn)
    return templates


def _check(path: Path, template: Template, turn: int) -> None:
    try:
        text = fill(template, turn, 9999, _LONGEST_EXERCISE)
    except (KeyError, IndexError, ValueError):
        raise TemplateError(
            f"{path.name}, {template.name}: only {{number}} and {{exercise}} can be filled in"
        ) from None
    if not 0 < len(text) <= MAX_TEXT_LENGTH or "\n" in text:
        raise TemplateError(
            f"{path.name}, {template.name}: {text!r} isn't one line of 1 to {MAX_TEXT_LENGTH} characters"
        )
