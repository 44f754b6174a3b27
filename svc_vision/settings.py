"""Settings of svc_vision."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mesh.settings import MeshSettings


class VisionSettings(MeshSettings):
    """Read from the environment, prefix SPOTTER_."""

    model_repository: Path = Field(
        default=Path(__file__).resolve().parent.parent / "triton_models" / "repository",
        description="Folder in Triton's layout.",
    )
    pose_model: Literal["auto", "yolo11", "blazepose"] = Field(
        default="auto",
        description="Which model finds people; auto takes yolo11 where the repository has yolo11_pose.",
    )
    pose_long_side_px: int = Field(
        default=640,
        ge=128,
        le=2048,
        multiple_of=32,
        description="Long side of the picture that yolo11 gets, px: raised, people farther away are seen, at a cost "
        "that grows with its square.",
    )
    pose_feet: bool = Field(
        default=False,
        description="Let BlazePose add feet and depth to the people whom yolo11 finds, at one more run for each.",
    )
    pose_feet_min_height_px: float = Field(
        default=160.0, ge=32, le=4320, description="Height of a person in the picture from which they get feet, px."
    )
    executor: Literal["local", "triton"] = Field(
        default="local", description="Where models run: in svc_vision, or on a Triton server."
    )
    triton_address: str = Field(default="127.0.0.1:7461", description="host:port of Triton's gRPC.")
    inference_precision: Literal["auto", "f32", "bf16"] = Field(
        default="auto",
        description="In which the local executor multiplies; auto takes bf16 where the processor has it and the "
        "golden check of the model allows it.",
    )
    watch_credit: int = Field(default=32, ge=1, le=1024, description="Access units a camera may have under way.")
    workers: int = Field(default=0, ge=0, description="Cameras looked at at the same time; 0 means one a core.")
    schedule: Literal["on", "off"] = Field(
        default="on",
        description="Whether cameras in which nothing moves are looked at less; off looks at every newest frame.",
    )
    busy_rate_hz: float = Field(default=15.0, ge=2, le=60, description="Looks a second while somebody moves.")
    idle_rate_hz: float = Field(default=2.0, ge=1, le=60, description="Looks a second while nothing moves.")
