"""Versions of a model: a new one is put into service while the old one serves, and taken back where it doesn't prove.

A candidate passes four gates: the file itself, in this process; the same file in the running Triton server under
another name, idle beside an equally idle copy of what serves now; the repository, where it appears as a whole or not
at all; and, once traffic has moved, the golden pictures under the real name. At every gate a refusal leaves the old
version serving. Without a server the first and the third gate remain.
"""

from triton_models.rollout.errors import RolloutRefused
from triton_models.rollout.rollback import RolledBack, roll_back
from triton_models.rollout.rollout import Limits, RolledOut, roll_out
from triton_models.rollout.status import VersionStatus, status

__all__ = [
    "Limits", "RolledBack", "RolledOut", "RolloutRefused", "VersionStatus", "roll_back", "roll_out", "status",
]  # fmt: skip
