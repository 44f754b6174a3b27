"""Settings of building the model repository."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

BUNDLED_REPOSITORY = Path(__file__).resolve().with_name("repository")


class ModelSettings(BaseSettings):
    """Read from the environment, prefix SPOTTER_."""

    model_config = SettingsConfigDict(
        env_prefix="SPOTTER_", extra="ignore", env_ignore_empty=True, protected_namespaces=()
    )

    model_repository: Path = Field(default=BUNDLED_REPOSITORY, description="Models in Triton's layout.")
    models: Path | None = Field(default=None, description="Folder with files that models are built from.")
    models_accept: str = Field(
        default="", description="Licences that aren't permissive and that you accept, with commas between them."
    )

    @property
    def accepted(self) -> frozenset[str]:
        """The accepted licences."""
        return frozenset(name.strip() for name in self.models_accept.split(",") if name.strip())
