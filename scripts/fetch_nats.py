"""Makes sure that nats-server is there: on PATH, or unpacked from Debian's package into SPOTTER_HOME/bin."""

from __future__ import annotations

import sys

from mesh.launcher import LauncherError, LauncherSettings, nats
from mesh.launcher.layout import Layout


def main() -> int:
    """Returns the exit code: 0 when the program is there."""
    try:
        program = nats.find_or_fetch(Layout(LauncherSettings().home.absolute()), lambda line: print(f"nats: {line}"))
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"nats: {program}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
