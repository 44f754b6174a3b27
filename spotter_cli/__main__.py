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
app.command(
    "spotter_cli.commands.up:up",
    name="up",
    help="Start the whole mesh on this machine, until Ctrl-C.",
)
app.command(
    "spotter_cli.commands.watch:watch",
    name="watch",
    help="Attach cameras or films to a mesh and tell what people do.",
)
app.command(
    "spotter_cli.commands.demo:demo",
    name="demo",
    help="Watch the sample gym in the browser.",
)
app.command(
    "spotter_cli.commands.evaluate:evaluate",
    name="evaluate",
    help="Run labelled clips through the whole mesh, and compare counts and labels with the truth.",
)
app.command(
    "spotter_cli.commands.evaluate_degradation:evaluate_degradation",
    name="evaluate-degradation",
    help="Count labelled clips as worse cameras and worse keypoints show them.",
)
app.command(
    "spotter_cli.commands.evaluate_tracking:evaluate_tracking",
    name="evaluate-tracking",
    help="Send scenes with known truth through the eye, and score its tracks.",
)
app.command(
    "spotter_cli.commands.evaluate_faults:evaluate_faults",
    name="evaluate-faults",
    help="Judge labelled sets of exercise form, and compare with their labels.",
)
app.command(
    "spotter_cli.commands.evaluate_falls:evaluate_falls",
    name="evaluate-falls",
    help="Tell drawn falls from drawn training with the fall detector.",
)
app.command(
    "spotter_cli.commands.scene:scene",
    name="scene",
    help="Draw a gym scene as a film, with its truth.",
)
app.command(
    "spotter_cli.commands.doctor:doctor",
    name="doctor",
    help="Say what this machine has, and what is missing.",
)
app.command(
    "spotter_cli.commands.models:app",
    name="models",
    help="Build, verify, export and roll out the models.",
)


def main() -> None:
    """Runs a command; its return value is the exit code."""
    sys.exit(app() or 0)


if __name__ == "__main__":
    main()
