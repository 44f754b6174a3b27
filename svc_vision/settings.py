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
    triton_shared_memory: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Whether pictures reach Triton through shared memory; auto: where it is on this machine.",
    )
    inference_precision: Literal["auto", "f32", "bf16"] = Field(
        default="auto",
        description="In which the local executor multiplies; auto takes bf16 where the processor has it and the "
        "golden check of the model allows it.",
    )
    track_by_appearance: bool = Field(
        default=True,
        description="Give ids back after an absence and put crossings right by what people look like; false is "
        "ByteTrack alone.",
    )
    embedding_interval_s: float = Field(
        default=5.0, ge=1, description="Between two embeddings of one person, where person_embedding is built, s."
    )
    embeddings_per_s: float = Field(default=8.0, ge=0, description="Most embeddings of one camera in a second.")
    find_reflections: bool = Field(
        default=True, description="Keep people's images in mirrors apart; they are neither counted nor identified."
    )
    mirrors: dict[str, list[list[tuple[float, float]]]] = Field(
        default={},
        description="Mirrors by camera, as JSON: corners x, y as shares of the picture. Whoever is wholly inside is a "
        "reflection.",
    )
    badge_interval_s: float = Field(
        default=2.0, ge=0, description="Between two searches for badges' QR codes on one camera, s; 0 reads none."
    )
    face_interval_s: float = Field(
        default=5.0,
        ge=0,
        description="Between two descriptions of the face of somebody who has agreed to it, s; 0 describes none.",
    )
    watch_credit: int = Field(default=32, ge=1, le=1024, description="Access units a camera may have under way.")
    workers: int = Field(
        default=0, ge=0, description="Cameras looked at at the same time; 0 means one a core, with Triton at least 8."
    )
    schedule: Literal["on", "off"] = Field(
        default="on",
        description="Whether cameras in which nothing moves are looked at less; off looks at every newest frame.",
    )
    busy_rate_hz: float = Field(default=15.0, ge=2, le=60, description="Looks a second while somebody moves.")
    idle_rate_hz: float = Field(default=2.0, ge=1, le=60, description="Looks a second while nothing moves.")
