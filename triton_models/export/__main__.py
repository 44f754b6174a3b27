"""`python -m triton_models.export WEIGHTS --out FILE`, run by the export environment's Python."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from triton_models import manifest
from triton_models.export import checkpoint, face, onnx_file, osnet, yolo
from triton_models.export.errors import ExportError
from triton_models.export.network import Network

OWN = "own"


def main() -> int:
    """Exit code: 0 the file is written, 1 it isn't, with the reason on stderr."""
    arguments = _parser().parse_args()
    try:
        network = load(arguments.weights)
        licence = _licence(network, frozenset(arguments.accept), arguments.own_weights)
        written = onnx_file.export(network, arguments.weights, arguments.out, licence)
    except (ExportError, OSError) as error:
        # PyTorch's own reasons come in many lines.
        sys.stderr.write(f"export: {' '.join(str(error).split())}\n")
        return 1
    sys.stdout.write(_summary(network, written))
    return 0


def load(path: Path) -> Network:
    """The network of a checkpoint, whichever of the known families it is of.

    Raises:
        ExportError: it can't be read, or is of no known family.
    """
    if not path.is_file():
        raise ExportError(f"there is no file {path}")
    if checkpoint.is_ultralytics(path):
        return yolo.load(path)
    weights = checkpoint.read_weights(path)
    if osnet.recognises(weights):
        return osnet.load(weights, path.name)
    if face.recognises(weights):
        return face.load(weights, path.name)
    some = ", ".join(list(weights)[:3])
    raise ExportError(
        f"{path.name} is no network that Spotter has a use for (its weights: {some}, …). Known are pose networks of "
        "ultralytics, OSNet of torchreid, and the residual networks and MobileFaceNet of insightface's arcface_torch"
    )


def _licence(network: Network, accepted: frozenset[str], own_weights: bool) -> str:
    if network.licence in accepted:
        return network.licence
    if own_weights and not network.inherits_licence:
        return OWN
    own = (
        ""
        if network.inherits_licence
        else "; for weights that you trained yourself, without others', say --own-weights"
    )
    raise ExportError(
        f"weights of {network.architecture} come under {network.licence}, which isn't permissive (docs/licensing.md). "
        f"If that is right for you, add --accept {network.licence}{own}"
    )


def _summary(network: Network, written: onnx_file.Exported) -> str:
    usual, model = manifest.model(network.model), written.model
    (output,) = model.outputs
    lines = [
        f"{network.architecture} is now {written.path} ({written.path.stat().st_size / 1e6:.1f} MB) for {model.name}",
        f"image (N, {_dims(model.picture)}) uint8 → {output.name} (N, {_dims(output.dims)}) float32; "
        f"differs from PyTorch by {written.difference:.1g} at most",
        f"sha256 {written.sha256}",
    ]
    if output.dims != usual.outputs[0].dims:
        lines.append(
            f"note: {model.name} has {_dims(usual.outputs[0].dims)} numbers so far; with {_dims(output.dims)} the "
            "manifest and config.pbtxt have to say so, and whoever is enrolled has to be enrolled anew"
        )
    return "".join(f"export: {line}\n" for line in lines)


def _dims(dims: tuple[int, ...]) -> str:
    return ", ".join("any" if size < 0 else str(size) for size in dims)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m triton_models.export", description="Makes a model of the repository from a PyTorch checkpoint."
    )
    parser.add_argument("weights", type=Path, help="checkpoint of ultralytics, torchreid or arcface_torch")
    parser.add_argument("--out", type=Path, required=True, help="ONNX file to write")
    parser.add_argument("--accept", action="append", default=[], metavar="LICENCE", help="licence that you accept")
    parser.add_argument("--own-weights", action="store_true", help="you trained the weights yourself")
    return parser


if __name__ == "__main__":
    sys.exit(main())
