"""What the pages name exists: files, headings, make targets, commands and options, modules, variables, metrics."""

from __future__ import annotations

import importlib.util
import re

import pytest

from mesh import names
from scripts.settings_table import sections, variable
from spotter_cli.__main__ import app
from tests.docs.markdown import ROOT, Page, pages
from triton_models.export.environment import ENVIRONMENT_VARIABLE as EXPORT_PYTHON

FOLDERS = ("docs", "k8s", "mesh", "proto", "scripts", "spotter_cli", "svc_", "tests", "triton_models")
# Made by `make`, so not there in a fresh clone.
MADE = ("svc_edge_api/web/dist", "triton_models/repository")
OTHER_VARIABLES = {"SPOTTER_SHARED", "SPOTTER_TEST_EXPORT", EXPORT_PYTHON, names.EVENT_STREAM}

each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


@each_page
def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links():
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (page.path.parent / file).resolve() if file else page.path
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in Page(target).anchors(), f"{page.name}: {link} names no heading"


@each_page
def test_make_targets_exist(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    variables = set(re.findall(r"^([A-Z_]+) \?=", makefile, re.MULTILINE))
    for command in page.commands():
        for words in re.findall(r"(?:^|&& )make((?: [a-z][a-z-]*| [A-Z_]+=\S+)*)", command):
            for word in words.split():
                name, is_assignment, _ = word.partition("=")
                assert name in (variables if is_assignment else targets), f"{page.name}: {command}"


@each_page
def test_spotter_commands_and_their_options_exist(page: Page) -> None:
    commands = {name for name in app if not name.startswith("-")}
    for command in page.commands():
        for name, rest in re.findall(r"(?:^|&& |bin/|=\S+ )spotter ([a-z-]+)([^&|;]*)", command):
            assert name in commands, f"{page.name}: {command}"
            called = app[name]
            verb = next(iter(rest.split()), "")
            if verb in list(called):
                called = called[verb]
            arguments = called.assemble_argument_collection() if called.default_command else ()
            known = {option for argument in arguments for option in argument.names}
            for option in re.findall(r"(?<!\S)--[a-z-]+", rest):
                assert option in known | {"--help"}, f"{page.name}: {command}"


@each_page
def test_modules_that_are_run_exist(page: Page) -> None:
    for command in page.commands():
        for module in re.findall(r"python -m ([\w.]+)", command):
            assert importlib.util.find_spec(module) is not None, f"{page.name}: {command}"


@each_page
def test_paths_in_the_text_exist(page: Page) -> None:
    for span in page.spans():
        if re.fullmatch(r"[\w./-]+", span) and "/" in span and span.startswith(FOLDERS) and not span.startswith(MADE):
            assert (ROOT / span).exists(), f"{page.name}: {span}"


@each_page
def test_variables_exist(page: Page) -> None:
    known = {variable(name, field) for _, owner, _ in sections() for name, field in owner.model_fields.items()}
    for found in re.findall(r"SPOTTER_[A-Z_]*[A-Z]\b", page.text):
        assert found in known | OTHER_VARIABLES, f"{page.name}: {found}"


def test_the_table_of_metrics_has_what_services_measure_and_nothing_else() -> None:
    documented = set(re.findall(r"^\| `(spotter_\w+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ROOT.iterdir()
        if folder.name == "mesh" or folder.name.startswith("svc_")
        for path in folder.glob("**/*.py")
    )
    measured = {getattr(names, name) for name in re.findall(r"\bnames\.(METRIC_\w+)", sources)}
    assert documented == measured, "docs/operations.md, Metrics, should list exactly what services measure"
