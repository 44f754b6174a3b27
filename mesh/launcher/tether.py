"""Becomes another program that dies with its parent.

Run as `python -I -S tether.py SIGNAL USER PARENT PROGRAM ARGUMENTS…`: asks the kernel to send SIGNAL when the parent
process ends, gives up root for USER ("uid:gid", or "-" to stay), and replaces itself by PROGRAM under the same pid.
A program of its own, not a `preexec_fn`, because running Python between fork and exec deadlocks in a process that has
threads (gRPC's). It imports nothing of ours, so that it costs about 15 ms.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Doesn't return: the process is another program afterwards, or has ended."""
    death_signal, user, parent, *command = arguments
    if user != "-":
        uid, gid = (int(number) for number in user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":  # After setuid, which would clear it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):  # The parent ended before the kernel was asked.
        sys.exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
