"""Settings of svc_coach."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from mesh.settings import MeshSettings
from svc_coach.library import TEMPLATE_FOLDER


class CoachSettings(MeshSettings):
    """Read from the environment, prefix SPOTTER_; the key of the language model has its maker's name."""

    template_folder: Path = Field(default=TEMPLATE_FOLDER, description="Folder of the templates' YAML files.")
    correction_interval_s: float = Field(default=30.0, gt=0, description="Least time between two corrections, s.")
    anthropic_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias="ANTHROPIC_API_KEY", description="Empty: only templates are said."
    )
    claude_model: str = Field(default="claude-sonnet-4-6", description="Model that words a sentence personally.")
    claude_base_url: str = Field(default="", description="Where the model is asked; empty means the SDK's choice.")
    claude_deadline_s: float = Field(default=2.0, gt=0, description="Then the template is said, s.")
    claude_concurrency: int = Field(default=8, ge=1, description="Sentences worded at the same time.")
