"""The lock of the export environment belongs to the extra of pyproject.toml, and shares the services' versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from scripts.lock_export import LEFT_OUT, LOCK
from triton_models.export.environment import PROJECT_DIR


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def wanted() -> dict[str, str]:
    project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pairs = (requirement.partition("==") for requirement in project["optional-dependencies"]["export"])
    return {name: version for name, _, version in pairs}


def test_the_lock_holds_what_the_extra_asks_for() -> None:
    locked = pins(LOCK)
    for name, version in wanted().items():
        if name not in LEFT_OUT:
            assert version in ("", locked[name]), f"{name}: run .venv/bin/python scripts/lock_export.py"
    assert not {name for name in locked if name in LEFT_OUT or name.startswith(("nvidia-cu", "nvidia-nccl", "triton"))}


def test_the_lock_names_no_index_and_has_a_digest_for_everything() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert "://" not in text and "index-url" not in text
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert blocks and all("--hash=sha256:" in block for block in blocks)


def test_make_installs_the_version_of_pytorch_that_the_extra_names() -> None:
    makefile = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"^TORCH_VERSION := (\S+)", makefile, re.MULTILINE) == [wanted()["torch"]]


def test_onnx_is_written_and_run_by_the_versions_that_services_use() -> None:
    services, export = pins(PROJECT_DIR / "requirements.lock"), pins(LOCK)
    for name in ("onnx", "onnxruntime", "numpy", "pydantic", "opencv-python-headless"):
        assert services[name] == export[name]
