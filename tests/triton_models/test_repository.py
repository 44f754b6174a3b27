"""Every model of the manifest, built from the real files."""

from pathlib import Path

from triton_models import manifest
from triton_models.build import is_current


def test_every_model_is_built_from_the_shared_files(model_repository: Path) -> None:
    for model in manifest.load().values():
        assert is_current(model_repository, model), model.name
        assert (model_repository / model.name / "config.pbtxt").is_file()
