"""Generates the Python code of the contracts into `spotter/`.

The build hook of the wheel and `make proto` both call `generate`. The tree is replaced as a whole, and only when the
contracts or this script have changed, so that a second call costs nothing.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = ".generated-from"


def fingerprint(proto_dir: Path) -> str:
    """Hash of every contract and of this script; equal hashes mean equal generated code."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(proto_dir.rglob("*.proto")):
        digest.update(path.relative_to(proto_dir).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def generate(root: Path = ROOT) -> bool:
    """Writes `root/spotter` from `root/proto`.

    Returns True where code was generated, False where it was already current.
    Raises RuntimeError with protoc's exit code when a contract doesn't compile; protoc's own words are on stderr.
    """
    from grpc_tools import protoc

    proto_dir, target = root / "proto", root / "spotter"
    stamp = fingerprint(proto_dir)
    if (target / STAMP).is_file() and (target / STAMP).read_text() == stamp:
        return False
    with tempfile.TemporaryDirectory(dir=root) as scratch:
        well_known = str(importlib.resources.files("grpc_tools") / "_proto")
        plugins = Path(sys.executable).parent
        code = protoc.main(
            [
                "protoc",
                f"-I{proto_dir}",
                f"-I{well_known}",
                f"--plugin=protoc-gen-mypy={plugins / 'protoc-gen-mypy'}",
                f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}",
                f"--python_out={scratch}",
                f"--grpc_python_out={scratch}",
                f"--mypy_out=quiet,readable_stubs:{scratch}",
                f"--mypy_grpc_out=quiet,only_async:{scratch}",
                *(str(path) for path in sorted(proto_dir.rglob("*.proto"))),
            ]
        )
        if code != 0:
            raise RuntimeError(f"protoc failed with exit code {code}; see its message above")
        made = Path(scratch) / "spotter"
        for folder in (made, *(p for p in made.rglob("*") if p.is_dir())):
            (folder / "__init__.py").touch()
        (made / "py.typed").touch()
        (made / STAMP).write_text(stamp)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
    return True


if __name__ == "__main__":
    print("contracts generated into spotter/" if generate() else "contracts are current")
