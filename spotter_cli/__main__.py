"""The `spotter` command."""

from __future__ import annotations

import sys

from cyclopts import App

app = App(
    name="spotter",
    help="Watches a gym through the cameras it already has, counts and judges every set, and coaches.",
    version_flags=["--version"],
)
# Named, not imported: a command loads its own libraries only when it is called.
app.command("spotter_cli.commands.up:up", name="up")
app.command("spotter_cli.commands.watch:watch", name="watch")
app.command("spotter_cli.commands.demo:demo", name="demo")
app.command("spotter_cli.commands.evaluate:evaluate", name="evaluate")
app.command("spotter_cli.commands.evaluate_degradation:evaluate_degradation", name="evaluate-degradation")
app.command("spotter_cli.commands.evaluate_tracking:evaluate_tracking", name="evaluate-tracking")
app.command("spotter_cli.commands.scene:scene", name="scene")
app.command("spotter_cli.commands.doctor:doctor", name="doctor")
app.command("spotter_cli.commands.models:app", name="models")


def main() -> None:
    """Runs a command; its return value is the exit code."""
    sys.exit(app() or 0)


if __name__ == "__main__":
    main()
