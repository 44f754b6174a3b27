"""Writes triton_models/export/requirements.lock from the extra `export` of pyproject.toml.

The extra is locked alone: its packages and those of the services don't live in one environment. PyTorch isn't in the
lock: which wheel fits (processor alone, or which CUDA) is the machine's matter, and each has another digest.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[1]
LOCK = PROJECT_DIR / "triton_models" / "export" / "requirements.lock"
# ultralytics asks for them: torch comes apart, torchvision isn't needed, and cv2 comes from the headless package.
LEFT_OUT = ("torch", "torchvision", "opencv-python")


def main() -> int:
    """Returns uv's exit code."""
    project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with tempfile.TemporaryDirectory(prefix="spotter-lock-") as folder:
        requirements, overrides = Path(folder) / "export.in", Path(folder) / "overrides.txt"
        requirements.write_text("\n".join(project["optional-dependencies"]["export"]), encoding="utf-8")
        overrides.write_text("\n".join(f"{name}; sys_platform == 'never'" for name in LEFT_OUT), encoding="utf-8")
        command = [
            str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--python-version", "3.11",
            "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header",
            "--override", str(overrides), str(requirements), "--output-file", str(LOCK),
        ]  # fmt: skip
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
