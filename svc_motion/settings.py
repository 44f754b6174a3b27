"""Settings of svc_motion."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mesh.settings import MeshSettings
from svc_motion.library import EXERCISE_FOLDER


class MotionSettings(MeshSettings):
    """Read from the environment, prefix SPOTTER_."""

    exercise_folder: Path = Field(default=EXERCISE_FOLDER, description="Folder of the exercises' YAML files.")
    model_repository: Path | None = Field(
        default=None, description="Folder in Triton's layout; its `exercise_network` is used where it is there."
    )
    exercise_network: Path | None = Field(
        default=None,
        description="ONNX file of the exercise network; empty: the model repository's, else the one that is built in.",
    )
    exercise_executor: Literal["local", "triton"] = Field(
        default="local", description="Where the exercise network runs: in svc_motion, or on a Triton server."
    )
    triton_address: str = Field(default="127.0.0.1:7461", description="host:port of Triton's gRPC.")
    follow_credit: int = Field(default=64, ge=1, le=1024, description="Frames that vision may have under way.")
    live_interval_s: float = Field(default=0.1, gt=0, description="Least time between two live states of a person, s.")
    forget_after_s: float = Field(default=30.0, gt=0, description="Wall time without a frame after which a set closes.")
    pinned_after_s: float = Field(
        default=8.0, ge=2, le=120, description="Seconds at the bottom of a failed lift after which staff are alerted."
    )
    alert_repeat_s: float = Field(
        default=30.0, gt=0, description="Time after which an alert that nobody acknowledged is told again, s."
    )
    time_zone: str = Field(
        default="UTC", description="Time zone of the gym, for days and weeks, for instance Europe/Berlin."
    )
