"""The exercise library: one YAML file an exercise, loaded and validated when the service starts.

Exercises are data, so that a new one needs no code. `docs/exercises.md` describes every field.

ExerciseFileError -- a file cannot be read as an exercise, or contradicts another; says which file, which line and why.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import ValidationError

from svc_motion.library_schema import Exercise, Fault, FullRepetition, Trait
from svc_motion.network import NONE_CLASS, ExerciseNetwork, trained_network
from svc_motion.vocabulary import Severity, View

__all__ = [
    "EXERCISE_FOLDER",
    "NO_EXERCISE",
    "UNKNOWN_EXERCISE",
    "Exercise",
    "ExerciseFileError",
    "Fault",
    "FullRepetition",
    "Library",
    "Severity",
    "Trait",
    "View",
    "load_library",
    "read_exercises",
]

EXERCISE_FOLDER = Path(__file__).parent / "exercises"
NO_EXERCISE = NONE_CLASS
"""Walking, resting, setting up, talking."""
UNKNOWN_EXERCISE = "unknown"
"""An exercise that is not in the library."""
RESERVED_NAMES = (NO_EXERCISE, UNKNOWN_EXERCISE)


class ExerciseFileError(ValueError):
    """A file of the library cannot be read as an exercise."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name}, line {line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


@dataclass(frozen=True)
class Library:
    """All exercises by name, in the order of their names, and the network that was taught some of them."""

    exercises: dict[str, Exercise]
    network: ExerciseNetwork | None = None
    """Absent: exercises are recognised by their signatures alone."""

    def __getitem__(self, name: str) -> Exercise:
        return self.exercises[name]

    def __contains__(self, name: object) -> bool:
        return name in self.exercises

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all exercises, variants too."""
        return tuple(self.exercises)

    @cached_property
    def families(self) -> dict[str, str]:
        """The family of every exercise."""
        return {name: exercise.family for name, exercise in self.exercises.items()}

    @cached_property
    def recognised(self) -> tuple[Exercise, ...]:
        """The exercises that take part in recognition: all but the variants."""
        return tuple(exercise for exercise in self.exercises.values() if exercise.variant_of is None)

    def with_network(self, network: ExerciseNetwork | None) -> "Library":
        """The same exercises, recognised with another network or with none."""
        return replace(self, network=network)

    def variants_of(self, name: str) -> tuple[Exercise, ...]:
        """The variants of an exercise."""
        return tuple(exercise for exercise in self.exercises.values() if exercise.variant_of == name)


@dataclass(frozen=True)
class _File:
    """One file that was read."""

    path: Path
    tree: yaml.Node | None
    exercise: Exercise

    def error(self, reason: str, *place: int | str) -> ExerciseFileError:
        return ExerciseFileError(self.path, _line_of(self.tree, place), reason)


def load_library(folder: Path = EXERCISE_FOLDER) -> Library:
    """Read every `*.yaml` of a folder, and the network that comes with this package.

    Raises:
        ExerciseFileError: on the first bad file, or when there is none.
        NetworkFileError: the network can't be used.
    """
    return read_exercises(folder).with_network(trained_network())


def read_exercises(folder: Path) -> Library:
    """Read every `*.yaml` of a folder; no network. Raises ExerciseFileError."""
    files = [_read(path) for path in sorted(folder.glob("*.yaml"))]
    if not files:
        raise ExerciseFileError(folder, 0, "no exercise files here")
    library = Library({file.exercise.name: file.exercise for file in files})
    for file in files:
        _check_variant(file, library)
    _check_words(files)
    return library


def _check_variant(file: _File, library: Library) -> None:
    """A variant names an exercise of the library that is none itself, and is of the same family and kind."""
    exercise = file.exercise
    if exercise.variant_of is None:
        return
    if exercise.variant_of not in library:
        raise file.error(f"variant_of: there is no exercise {exercise.variant_of!r}", "variant_of")
    base = library[exercise.variant_of]
    if base.variant_of is not None:
        reason = f"variant_of: {base.name!r} is a variant itself, name what it is a variant of"
        raise file.error(reason, "variant_of")
    if base.kind != exercise.kind:
        raise file.error(f"kind: its base {base.name!r} is {base.kind}", "kind")
    if base.family != exercise.family:
        raise file.error(f"family: its base {base.name!r} is of the family {base.family!r}", "family")


def _check_words(files: list[_File]) -> None:
    """No two exercises go by the same word, or a search would find either."""
    taken: dict[str, _File] = {}
    for file in files:
        for word in {file.exercise.name.replace("_", " "), file.exercise.display_name.casefold()}:
            if word in taken:
                reason = f"display_name: {word!r} is taken by {taken[word].path.name}"
                raise file.error(reason, "display_name")
            taken[word] = file
    for file in files:
        for place, alias in enumerate(file.exercise.aliases):
            other = taken.get(alias.casefold())
            if other is not None:
                raise file.error(f"aliases: {alias!r} is taken by {other.path.name}", "aliases", place)
            taken[alias.casefold()] = file


def _read(path: Path) -> _File:
    text = path.read_text(encoding="utf-8")
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ExerciseFileError(path, line, f"not valid YAML: {error.problem}") from error
    try:
        file = _File(path, tree, Exercise.model_validate(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = f"{place}: {first['msg']}" if place else first["msg"]
        raise ExerciseFileError(path, _line_of(tree, first["loc"]), reason) from error
    if file.exercise.name != path.stem:
        raise file.error(f"name is {file.exercise.name!r}, but the file is called {path.stem!r}", "name")
    if file.exercise.name in RESERVED_NAMES:
        raise file.error(f"name: {file.exercise.name!r} means that no exercise of the library was seen", "name")
    return file


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
