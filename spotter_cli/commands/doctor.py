"""`spotter doctor`: what is missing or wrong, and the fix."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mesh.errors import StartupError
from mesh.launcher import LauncherSettings
from mesh.settings import load
from spotter_cli.checks import Finding, findings

INDENT = 29


def doctor() -> int:
    """Check what Spotter needs on this machine, and say what to do where something is missing.

    The exit code is 1 where something is missing that it can't run without.
    """
    console = Console(highlight=False)
    try:
        settings = load(LauncherSettings)
    except StartupError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    broken = 0
    for finding in findings(settings):
        console.print(_line(finding), markup=True, soft_wrap=True)
        broken += finding.needed and not finding.ok
    console.print("\nEverything that is needed is there." if not broken else f"\n{broken} needed parts are missing.")
    return 1 if broken else 0


def _line(finding: Finding) -> str:
    missing = "[red]missing[/red]" if finding.needed else "[yellow]without[/yellow]"
    mark = "[green]ok     [/green]" if finding.ok else missing
    advice = "" if finding.ok or not finding.remedy else f"\n{'':{INDENT}}[dim]→ {escape(finding.remedy)}[/dim]"
    return f"{mark}  {finding.what:<18}  {escape(finding.found)}{advice}"
