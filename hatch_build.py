"""Build hook of the wheel: generates the contracts' code before files are collected."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GenerateContracts(BuildHookInterface):
    """Calls the same script as `make proto`, and puts its output into the wheel although git ignores it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, str(Path(self.root) / "scripts"))
        from generate_contracts import generate

        generate(Path(self.root))
        build_data["artifacts"].append("spotter/**")
