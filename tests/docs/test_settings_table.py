"""The page of settings says what the code says."""

from __future__ import annotations

from scripts.settings_table import PAGE, page, sections, variable


def test_the_page_of_settings_is_what_the_classes_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run scripts/settings_table.py and commit docs/settings.md"


def test_every_setting_is_on_the_page_and_says_what_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for title, owner, _ in sections():
        for name, field in owner.model_fields.items():
            assert f"| `{variable(name, field)}`" in text, f"{title}: {name} isn't on the page"
            assert field.description, f"{title}: {name} has no description"
