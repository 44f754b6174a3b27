"""What can't be exported is refused with a reason, and nothing in it is run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from triton_models.export.environment import MISSING, export_python, run_in_environment

pytestmark = pytest.mark.timeout(600)
MAKER = Path(__file__).with_name("checkpoints.py")
# One process for all: importing torch takes longer than refusing.
REFUSALS = """
import contextlib, io, json, os, runpy, sys
from pathlib import Path
import numpy as np, torch

folder, maker = Path(sys.argv[1]), sys.argv[2]

class Evil:
    def __reduce__(self):
        return (os.mkdir, (str(folder / "executed"),))

def make(architecture):
    target = folder / architecture
    target.mkdir()
    sys.argv = [maker, architecture, str(target)]
    runpy.run_path(maker, run_name="__main__")
    return target / "weights.pt"

def save(name, content):
    torch.save(content, folder / name)
    return folder / name

osnet = make("osnet_x0_25")
weights = {k.removeprefix("module."): v for k, v in torch.load(osnet, weights_only=False)["state_dict"].items()}
face = torch.load(make("mobilefacenet"))
(folder / "text.pt").write_text("not a checkpoint")
(folder / "truncated.pt").write_bytes(osnet.read_bytes()[:200_000])
cases = {
    "missing": folder / "missing.pt",
    "text": folder / "text.pt",
    "truncated": folder / "truncated.pt",
    "evil": save("evil.pt", {"state_dict": Evil()}),
    "whole": save("whole.pt", torch.nn.Linear(2, 2)),
    "empty": save("empty.pt", {"epoch": 3}),
    "other": save("other.pt", torch.nn.Linear(2, 2).state_dict()),
    "odd width": save("odd.pt", weights | {"conv1.conv.weight": torch.zeros(17, 3, 7, 7)}),
    "odd face": save("face.pt", {k: v for k, v in face.items() if "conv_sep" not in k}),
    "detector": make("yolo11n-detect"),
    "end to end": make("yolo26n-pose"),
    "not accepted": osnet,
}
from triton_models.export import __main__ as program
said = {}
for name, path in cases.items():
    accepted = [] if name == "not accepted" else ["--accept", "AGPL-3.0", "--accept", "MSMT17-research"]
    sys.argv = ["export", str(path), "--out", str(folder / "out.onnx"), *accepted]
    with contextlib.redirect_stderr(io.StringIO()) as stderr:
        code = program.main()
    said[name] = [code, stderr.getvalue()]
Path(folder / "said.json").write_text(json.dumps(said))
"""
REASONS = {
    "missing": "there is no file",
    "text": "is no checkpoint of PyTorch",
    "truncated": "may be only a part of one",
    "evil": "holds more than weights",
    "whole": "torch.save(network.state_dict(), FILE)",
    "empty": "holds no weights",
    "other": "is no network that Spotter has a use for (its weights: weight, bias, …)",
    "odd width": "none of torchreid's has weights of these shapes",
    "odd face": "resembles a network of arcface_torch, but isn't one",
    "detector": 'ends in a head "Detect"',
    "end to end": 'ends in a head "Pose26"',
    "not accepted": "If that is right for you, add --accept MSMT17-research; for weights that you trained yourself",
}


@pytest.fixture(scope="module")
def refusals(export_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    folder = tmp_path_factory.mktemp("refusals")
    done = run_in_environment(export_environment, ["-c", REFUSALS, str(folder), str(MAKER)], capture=True)
    assert done.returncode == 0, done.stderr
    assert not (folder / "executed").exists()
    assert not list(folder.glob("out.onnx*"))
    return {name: (code, text) for name, (code, text) in json.loads((folder / "said.json").read_text()).items()}


@pytest.mark.parametrize("case", REASONS)
def test_what_cannot_be_exported_is_refused_with_a_reason(refusals: dict[str, tuple[int, str]], case: str) -> None:
    code, text = refusals[case]
    assert code == 1 and text.startswith("export: ") and text.count("\n") == 1
    assert REASONS[case] in text


def test_without_the_environment_the_command_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTTER_EXPORT_PYTHON", str(tmp_path / "python"))
    assert export_python() is None
    command = [str(Path(sys.executable).with_name("spotter")), "models", "export", "weights.pt", "--out", "model.onnx"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert " ".join(done.stdout.split()) == MISSING
