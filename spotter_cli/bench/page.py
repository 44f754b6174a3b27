"""docs/performance.md, written from what the sections have measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from spotter_cli.bench import charts
from spotter_cli.bench.results import SECTIONS, Result
from spotter_cli.summary import Json

AIM_EFFICIENCY = 0.85
AIM_YARDSTICK = {"bf16": 1 / 3, "f32": 2 / 3}
AIM_CAMERAS, AIM_CAMERAS_RATIO = 12, 2.5
GROWTH_LIMIT_MIB_PER_HOUR = 60.0
"""Less can't be told from the noise of ten minutes."""
Results = Mapping[str, Result]


def write(results: Results, docs: Path) -> None:
    """The page and the charts it shows."""
    images = docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    drawn = {section: charts.draw(result, images) for section, result in results.items() if not result.unavailable}
    (docs / "performance.md").write_text(text(results, drawn), encoding="utf-8")


def text(results: Results, drawn: Mapping[str, str | None]) -> str:
    """The page in Markdown; `drawn` has the chart of each section, by its address from the page."""
    parts = [_head(results), "## In short\n\n" + summary(results)]
    for section in SECTIONS:
        title, tell = _SECTIONS[section]
        parts.append(f"## {title}\n\n{_body(results, section, tell)}")
        if drawn.get(section):
            parts.append(f"![{title}]({drawn[section]})")
    return "\n\n".join(parts) + "\n"


def summary(results: Results) -> str:
    """The ratios that the project aims at, as a table."""
    rows = [*_tax_ratios(results), *_yardstick_ratios(results), *_camera_ratios(results)]
    return _table(("ratio", "measured", "aim", ""), rows)


def _head(results: Results) -> str:
    lines = [
        "# Performance",
        "Written by `make bench`; `make bench ARGS=--page` writes it again from the last results. Absolute times "
        "belong to the machine; the ratios compare what ran in turn on it.",
    ]
    for machine in {str(result.machine): result.machine for result in results.values()}.values():
        packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
        bf16 = "with bf16" if machine["bf16"] else "without bf16"
        lines.append(
            f"Machine: {machine['processor']} ({machine['architecture']}, {bf16}), {machine['cores']} cores, "
            f"{machine['system']}, Python {machine['python']}; {packages}."
        )
    days = sorted({result.measured[:10] for result in results.values()})
    quick = sorted(section for section, result in results.items() if result.quick)
    lines.append(f"Measured {' and '.join(days) or 'never'}.")
    if quick:
        lines.append(f"**{', '.join(quick)}: measured with `--quick`; the numbers are rough.**")
    return "\n\n".join(lines)


def _body(results: Results, section: str, tell: Callable[[Results, Json], str]) -> str:
    result = results.get(section)
    if result is None:
        return f'Not measured: `make bench ARGS="--only {section}"`.'
    if result.unavailable:
        return f"Not measured here: {result.unavailable}."
    return tell(results, result.data)


def _tax(results: Results, data: Json) -> str:
    ways = data["ways"]
    head = ("", *(f"{way['pose_model']} {way['precision']}" for way in ways))
    rows: list[Sequence[object]] = [
        ("bare loop, ms CPU a frame", *(f"{way['bare_ms']:.1f}" for way in ways)),
        ("of that decoding", *(f"{way['decode_ms']:.1f}" for way in ways)),
        ("whole mesh, ms CPU a frame", *(f"{way['mesh_ms']:.1f}" for way in ways)),
        ("**efficiency** (loop / mesh)", *(f"**{way['efficiency']:.2f}**" for way in ways)),
        ("mesh, frames/s", *(f"{way['frames_per_s']:.0f}" for way in ways)),
        ("people counted right", *(f"{way['people_right']} of {way['people_true']}" for way in ways)),
        ("and their faults", *(f"{way['faults_right']} of {way['people_true']}" for way in ways)),
    ]
    parts = [(part, *(f"{way['parts_ms'][part]:.2f}" for way in ways)) for part in ways[0]["parts_ms"]]
    return (
        f"{_table(head, rows)}\n\nMesh by part, ms CPU a frame:\n\n{_table(head, parts)}\n\n"
        f"Film: {data['film']}, every frame analysed (`--fast`). CPU time is user + system of each part's processes. "
        "The bare loop decodes the film and runs the same models in the same precision on every frame, in one process "
        "on one thread, and does nothing else: no following, no counting, no storing, no telling. Loop and mesh run in "
        "turn; medians."
    )


def _yardstick(results: Results, data: Json) -> str:
    rows: list[Sequence[object]] = [
        (
            "Ultralytics `YOLO.track()`, PyTorch, imgsz 640",
            f"{data['cpu_ms_per_frame']:.1f}",
            f"{data['mean_people']:.2f}",
            1,
        )
    ]
    for way in _ways(results):
        if way["pose_model"] == "yolo11":
            share = way["mesh_ms"] / data["cpu_ms_per_frame"]
            rows.append(
                (
                    f"whole mesh, YOLO11n pose {way['precision']}",
                    f"{way['mesh_ms']:.1f}",
                    f"{way['bare_people']:.2f}",
                    f"{share:.2f}",
                )
            )
    versions = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    return (
        f"{_table(('', 'ms CPU a frame', 'people a frame', 'share'), rows)}\n\n"
        f"The same film, one thread each. Ultralytics decodes, runs the network and follows people ({data['tracks']} "
        f"tracks); the mesh does all it does. {versions}; in an environment of its own (`docs/export.md`)."
    )


def _executors(results: Results, data: Json) -> str:
    rows = [
        (row["executor"], f"{row['wall_ms']:.1f}", f"{row['cpu_ms']:.1f}", row["people"], row["same_people"])
        for row in data["rows"]
    ]
    missing = "".join(f"\n\n{name}: not measured ({why})." for name, why in data["missing"].items())
    table = _table(("executor", "ms a picture", "ms CPU a picture", "people", "same as the first row"), rows)
    return (
        f"{table}\n\n{data['pose_model']} on {data['frames']} pictures of the film, one at a time: from the decoded "
        "picture to people. CPU is that of this process and, with Triton, of the server and its stubs. Without a GPU, "
        "Triton's gain is one place for models and batches over cameras, not speed." + missing
    )


def _cameras(results: Results, data: Json) -> str:
    rows = [
        (
            "scheduled" if trial["scheduled"] else "every frame",
            trial["cameras"],
            trial["busy"],
            " ".join(f"{found}/{true}" for found, true in trial["repetitions"]),
            trial["phantoms"],
            f"{trial['latency_ms']['p50']:.0f}",
            f"{trial['latency_ms']['p99']:.0f}",
            f"{trial['looked_share']:.0%}",
            f"{trial['cores']:.2f}",
            "yes" if trial["holds"] else "no",
        )
        for trial in _trials(data)
    ]
    head = (
        "",
        "cameras",
        "busy",
        "found/true",
        "phantoms",
        "p50 ms",
        "p99 ms",
        "of wanted frames",
        "cores used",
        "holds",
    )
    return (
        f"**{data['cameras']} cameras** scheduled, {data['cameras_unscheduled']} with one inference on every frame.\n\n"
        f"{_table(head, rows)}\n\n1280x720, 15 frames a second, a third of the cameras busy, {data['cores']} cores, "
        f"pose model {data['pose_model']}. Holds: every count equals the truth, 99 % of the news reach a client "
        "within a second, every camera is looked at once a second or more, and without the schedule at 95 % of its "
        "frames. Phantoms are repetitions of anything else that the model takes for a person, at any number of them. "
        "Latency is from a frame's arrival at ingest to the client that has the event it caused, through Envoy. "
        "Where few of the wanted frames are looked at, the films' slow repetitions still count; quick ones, such as "
        "jumping jacks of less than a second, need most of theirs."
    )


def _memory(results: Results, data: Json) -> str:
    rows: list[Sequence[object]] = [
        (
            part,
            f"{data['idle_mib'].get(part, 0):.0f}",
            f"{data['one_mib'][part]:.0f}",
            f"{data['six_mib'][part]:.0f}",
            f"{data['last_mib'][part]:.0f}",
            f"{data['growth_mib_per_hour'][part]:+.0f}",
        )
        for part in data["one_mib"]
    ]
    stages = ("idle_mib", "one_mib", "six_mib", "last_mib")
    whole = [f"{sum(data[stage].values()):.0f}" for stage in stages]
    growth = sum(data["growth_mib_per_hour"].values())
    rows.append(("**all**", *whole, f"{growth:+.0f}"))
    growing = [part for part, slope in data["growth_mib_per_hour"].items() if slope > GROWTH_LIMIT_MIB_PER_HOUR]
    verdict = f"Growing: {', '.join(growing)}." if growing else "No part grows."
    minutes = data["lasted_s"] / 60
    head = (
        "MiB",
        "no camera",
        "1 camera",
        f"{data['cameras']} cameras",
        f"after {minutes:.0f} min",
        "MiB an hour, later half",
    )
    return (
        f"{_table(head, rows)}\n\n{verdict} Unique set size: what a process doesn't share. The slope is the median "
        f"over all pairs of samples; below {GROWTH_LIMIT_MIB_PER_HOUR:.0f} MiB an hour it can't be told from noise in "
        "so short a time."
    )


def _tax_ratios(results: Results) -> list[Sequence[object]]:
    return [
        (
            f"mesh tax: bare loop / mesh, {way['pose_model']} {way['precision']}",
            f"**{way['efficiency']:.2f}**",
            f"≥ {AIM_EFFICIENCY}",
            _mark(way["efficiency"] >= AIM_EFFICIENCY),
        )
        for way in _ways(results)
    ]


def _yardstick_ratios(results: Results) -> list[Sequence[object]]:
    result = results.get("ultralytics")
    if result is None or result.unavailable:
        return []
    rows: list[Sequence[object]] = []
    for way in _ways(results):
        if way["pose_model"] == "yolo11":
            share, aim = way["mesh_ms"] / result.data["cpu_ms_per_frame"], AIM_YARDSTICK[way["precision"]]
            name = f"whole mesh / Ultralytics `track()`, {way['precision']}"
            rows.append((name, f"**{share:.2f}**", f"≤ {aim:.2f}", _mark(share <= aim)))
    return rows


def _camera_ratios(results: Results) -> list[Sequence[object]]:
    result = results.get("cameras")
    if result is None or result.unavailable:
        return []
    held, ratio = result.data["cameras"], result.data["ratio"]
    return [
        ("cameras that hold, scheduled", f"**{held}**", f"≥ {AIM_CAMERAS}", _mark(held >= AIM_CAMERAS)),
        ("scheduled / every frame", f"**{ratio:.1f}**", f"≥ {AIM_CAMERAS_RATIO}", _mark(ratio >= AIM_CAMERAS_RATIO)),
    ]


def _ways(results: Results) -> list[Json]:
    result = results.get("tax")
    return [] if result is None or result.unavailable else list(result.data["ways"])


def _trials(data: Json) -> list[Json]:
    ordered = [sorted(data[which], key=lambda trial: trial["cameras"]) for which in ("scheduled", "unscheduled")]
    return [*ordered[0], *ordered[1]]


def _mark(reached: bool) -> str:
    return "reached" if reached else "missed"


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


_SECTIONS: dict[str, tuple[str, Callable[[Results, Json], str]]] = {
    "tax": ("Mesh tax", _tax),
    "ultralytics": ("Beside what people run today", _yardstick),
    "executors": ("Executors", _executors),
    "cameras": ("Cameras, and how soon news arrives", _cameras),
    "memory": ("Memory", _memory),
}
