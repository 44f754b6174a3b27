"""Ultralytics without its network calls, its automatic installs, and without torchvision.

Call `import_ultralytics` before anything else imports it.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path
from types import ModuleType

TORCHVISION = "torchvision"
TORCHVISION_VERSION = "0.28.0"
"""The release that belongs to torch 2.13; ultralytics reads the number, and compares it with torch's."""


def import_ultralytics(config_dir: Path) -> None:
    """Imports ultralytics so that it stays alone: no analytics, no downloads of packages, settings in `config_dir`.

    PyPI has no torchvision for the processor alone, and the one for CUDA doesn't work beside this torch. Ultralytics
    needs it for two things: its version number, and non-maximum suppression in videos. The number is given here; the
    suppression is ultralytics' own (`TorchNMS`), which it uses anyway where torchvision wasn't imported.
    """
    os.environ |= {
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
        "YOLO_CONFIG_DIR": str(config_dir),
    }
    if not _has_torchvision():
        _answer_version()
        sys.modules[TORCHVISION] = ModuleType(TORCHVISION)
    from ultralytics import settings

    settings.update({"sync": False})
    if sys.modules.get(TORCHVISION) is not None and not hasattr(sys.modules[TORCHVISION], "ops"):
        from ultralytics.utils.nms import TorchNMS

        operations = ModuleType(f"{TORCHVISION}.ops")
        operations.nms = TorchNMS.nms  # type: ignore[attr-defined]
        sys.modules[TORCHVISION].ops = operations  # type: ignore[attr-defined]
        sys.modules[operations.__name__] = operations


def _has_torchvision() -> bool:
    try:
        importlib.metadata.version(TORCHVISION)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _answer_version() -> None:
    real = importlib.metadata.version

    def version(distribution_name: str) -> str:
        return TORCHVISION_VERSION if distribution_name == TORCHVISION else real(distribution_name)

    importlib.metadata.version = version
