"""Ultralytics without its network calls, its automatic installs, and without torchvision.

PyPI has no torchvision for the processor alone, and the one for CUDA doesn't work beside such a torch. Ultralytics
wants it for two things here: its version number, and, in videos, non-maximum suppression.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

TORCHVISION = "torchvision"
TORCHVISION_VERSION = "0.28.0"
"""The release that belongs to torch 2.13; ultralytics reads the number, and compares it with torch's."""


def import_ultralytics(config_dir: Path) -> None:
    """Imports ultralytics so that it stays alone; call it before anything else imports it.

    No analytics, no downloads, no installs; its settings lie in `config_dir`; checkpoints are read without running
    what is in them; and the version of torchvision is answered where it is missing.
    """
    os.environ |= {
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
        "YOLO_CONFIG_DIR": str(config_dir),
        "ULTRALYTICS_SAFE_LOAD": "true",
    }
    if not _has_torchvision():
        _answer_version()
    from ultralytics import settings

    settings.update({"sync": False})


def stand_in_for_torchvision() -> None:
    """Gives ultralytics' tracking of videos the one function of torchvision that it imports.

    The function is ultralytics' own `TorchNMS.nms`, which it uses itself wherever torchvision wasn't imported.
    """
    if _has_torchvision():
        return
    from ultralytics.utils.nms import TorchNMS

    package, operations = ModuleType(TORCHVISION), ModuleType(f"{TORCHVISION}.ops")
    package.__spec__ = ModuleSpec(TORCHVISION, loader=None)
    package.ops = operations  # type: ignore[attr-defined]
    operations.nms = TorchNMS.nms  # type: ignore[attr-defined]
    sys.modules |= {TORCHVISION: package, operations.__name__: operations}


def _has_torchvision() -> bool:
    return any(importlib.metadata.distributions(name=TORCHVISION))


def _answer_version() -> None:
    real = importlib.metadata.version

    def version(distribution_name: str) -> str:
        return TORCHVISION_VERSION if distribution_name == TORCHVISION else real(distribution_name)

    importlib.metadata.version = version
