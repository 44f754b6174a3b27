"""The scenes in which tracking is measured: people who cross, hide one another, leave and come back, and a mirror.

Two of the people, black and dark, wear nearly the same. A scene with several cameras is one and the same event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from spotter_cli.scene import CameraSpec, Exercise, MirrorSpec, SceneSpec, Stand, Train, Visitor, Walk

FULL_WIDTH_PX = 1280
_FRONT = CameraSpec((0.1, -4.6, 2.3), (0.0, 0.3, 0.85), 68)
_LOW = CameraSpec((0.1, -4.4, 1.6), (0.0, 0.3, 0.95), 66)
_AT_MIRROR = CameraSpec((2.4, -4.2, 2.0), (-0.9, 0.4, 0.9), 70)
_LEFT_HALF = CameraSpec((-1.9, -4.6, 2.3), (-2.2, 0.5, 0.8), 48)
_RIGHT_HALF = CameraSpec((1.9, -4.6, 2.3), (2.2, 0.5, 0.8), 48)
_FRONT_LEFT = CameraSpec((-3.6, -4.6, 2.4), (0.5, 0.4, 0.75), 76)
_FRONT_RIGHT = CameraSpec((3.6, -4.6, 2.4), (-0.5, 0.4, 0.75), 76)
_BACK_LEFT = CameraSpec((-3.6, 3.0, 2.6), (0.4, -0.9, 0.7), 76)
_BACK_RIGHT = CameraSpec((1.2, 3.0, 2.6), (-0.5, -0.9, 0.7), 76)

_SQUAT, _CURL, _RAISE = Exercise.SQUAT, Exercise.BICEP_CURL, Exercise.LATERAL_RAISE


@dataclass(frozen=True)
class TrackingScene:
    """One event and the cameras that film it."""

    name: str
    about: str
    spec: SceneSpec
    cameras: tuple[CameraSpec, ...]

    def films(self, width_px: int = FULL_WIDTH_PX) -> dict[str, SceneSpec]:
        """What each camera films, by the film's name: that of the scene, with a letter where there are several.

        width_px: of the 16:9 pictures; less is drawn and watched sooner.
        """
        cameras = [replace(camera, width_px=width_px, height_px=width_px * 9 // 16) for camera in self.cameras]
        if len(cameras) == 1:
            return {self.name: replace(self.spec, camera=cameras[0])}
        return {
            f"{self.name}_{letter}": replace(self.spec, camera=camera)
            for letter, camera in zip("abcdefgh", cameras, strict=False)
        }


_CROWD = (
    Visitor("blue", (-3.15, -1.0), (Walk((2.35, -1.2)), Stand(1.4, 0), Walk((-1.6, 0.25)), Train(_SQUAT, 9, 10)), 1),
    Visitor("black", (2.5, -0.15), (Walk((-2.25, 0.6)), Stand(2.2, 20), Walk((2.15, -0.25)), Train(_CURL, 8, -15)), 2),
    Visitor(
        "dark",
        (-2.4, 1.3),
        (Stand(1.0), Walk((2.4, 1.45)), Stand(1.5, -30), Walk((0.2, 0.9)), Train(_RAISE, 9.0)),
        3,
    ),
    Visitor(
        "rose",
        (0.65, -1.5),
        (Stand(1.2, 0), Walk((-0.7, 1.7)), Train(_RAISE, 3.6), Walk((-3.3, -1.45)), Stand(1.5), Walk((-0.25, -0.65))),
        4,
    ),
    Visitor(
        "green",
        (3.0, 1.25),
        (Train(_CURL, 6.0, -25), Walk((-0.35, -1.0)), Stand(1.5, 0), Walk((2.6, 1.05)), Walk((0.75, -1.15))),
        5,
    ),
    Visitor(
        "yellow",
        (0.25, 0.7),
        (Train(_SQUAT, 5.5), Walk((-2.35, -0.6)), Stand(1, 40), Walk((1.0, 0.65)), Stand(1, 0), Walk((-2.3, -1.0))),
        6,
    ),
)

_ROUND_TRIP = (
    Visitor(
        "blue",
        (-1.4, 0.2),
        (
            Train(_SQUAT, 4.0),
            Walk((-1.6, -1.3)),
            Walk((-3.6, -1.6)),
            Stand(4.0),
            Walk((-0.6, -0.7)),
            Train(_SQUAT, 6.0),
        ),
        1,
    ),
    Visitor(
        "black",
        (1.4, 0.3),
        (Stand(1.0, 0), Walk((1.35, -1.3)), Walk((3.6, -1.65)), Stand(5.4), Walk((1.6, -0.6)), Train(_CURL, 6.0)),
        2,
    ),
    Visitor(
        "dark",
        (0.1, 1.2),
        (
            Train(_CURL, 6.5),
            Walk((1.8, -1.0)),
            Walk((3.55, -0.95)),
            Stand(3.0),
            Walk((0.4, 0.6)),
            Train(_RAISE, 4.0),
        ),
        3,
    ),
)

_THREE_ON_THEIR_WAY = (
    Visitor("blue", (-2.9, 0.4), (Walk((2.9, 0.2)), Stand(1.5, 0), Walk((-1.65, 0.0)), Train(_SQUAT, 6.0)), 1),
    Visitor("black", (2.6, 1.4), (Stand(1.0, -20), Walk((-2.6, 1.0)), Train(_CURL, 6.0, 30), Walk((2.4, -1.2))), 2),
    Visitor("rose", (0.2, -1.6), (Stand(2.0, 0), Walk((0.55, 1.3)), Train(_RAISE, 6.0), Walk((-2.55, -1.45))), 3),
)

_FILM_S = 18.0

_ALL = (
    TrackingScene(
        "crossing_2",
        "two people pass each other twice and then exercise",
        SceneSpec(
            (
                Visitor(
                    "blue", (-2.4, -0.6), (Walk((2.3, -0.4)), Stand(1.0), Walk((-1.2, 0.9)), Train(_SQUAT, 7.0)), 1
                ),
                Visitor("rose", (2.3, 0.9), (Walk((-2.4, 0.5)), Stand(1), Walk((1.3, -0.3)), Train(_CURL, 7)), 2),
            ),
            duration_s=16.0,
        ),
        (_FRONT,),
    ),
    TrackingScene(
        "crossing_4",
        "four people walk to and fro through one another's way, two of them dressed nearly alike",
        SceneSpec(
            (
                Visitor(
                    "blue",
                    (-2.55, -0.9),
                    (Walk((2.15, -0.35)), Stand(0.5), Walk((-2.15, 1.1)), Walk((0.85, 1.25)), Walk((-1.0, -0.9))),
                    1,
                ),
                Visitor("black", (2.7, 0.1), (Walk((-2.45, 0.3)), Stand(0.5), Walk((1.9, -0.35)), Train(_CURL, 6)), 2),
                Visitor("dark", (-2.15, 1.45), (Walk((2.4, 1.45)), Stand(1), Walk((-1.5, 0.2)), Train(_SQUAT, 6)), 3),
                Visitor(
                    "green",
                    (0.25, -1.6),
                    (Walk((0.2, 1.8)), Stand(1.0), Walk((-0.65, -1.35)), Walk((2.2, 1.6)), Walk((-2.6, 0.9))),
                    4,
                ),
            ),
            duration_s=16.0,
            room=1,
        ),
        (_FRONT,),
    ),
    TrackingScene(
        "occlusion_3",
        "somebody who squats is hidden by one who stands before them, and by one who passes by twice",
        SceneSpec(
            (
                Visitor("rose", (0.05, 1.1), (Train(_SQUAT, 17.0),), 1),
                Visitor(
                    "blue", (-2.2, -0.8), (Stand(1.5, -30), Walk((0.0, -0.9)), Stand(4.0, 10), Walk((2.2, -0.7))), 2
                ),
                Visitor(
                    "black", (2.6, 0.2), (Stand(8.0, 20), Walk((-2.3, 0.3), 0.8), Stand(0.5), Walk((2.0, -0.2), 1.0)), 3
                ),
            ),
            duration_s=_FILM_S,
            room=2,
        ),
        (_LOW,),
    ),
    TrackingScene(
        "leave_and_return_3",
        "three people leave the picture for some seconds and come back, two of them dressed nearly alike",
        SceneSpec(_ROUND_TRIP, duration_s=21.0),
        (_FRONT,),
    ),
    TrackingScene(
        "crowd_6",
        "six people walk, stand and exercise on 25 square metres",
        SceneSpec(_CROWD, duration_s=_FILM_S, room=1),
        (_FRONT,),
    ),
    TrackingScene(
        "crowd_6_low_light",
        "the same in a dark room: a fifth of the light, strong noise",
        SceneSpec(_CROWD, duration_s=_FILM_S, room=1, exposure=0.2, noise=6.0),
        (_FRONT,),
    ),
    TrackingScene(
        "mirror_2",
        "one exercises before a mirror wall, another walks along it and away",
        SceneSpec(
            (
                Visitor("blue", (-2.35, -0.45), (Train(_CURL, 9.0, -80), Walk((1.6, 0.3)), Train(_SQUAT, 5.0)), 1),
                Visitor(
                    "black",
                    (1.4, -1.6),
                    (Walk((-2.6, 1.6)), Stand(2.0, -60), Walk((-1.6, -1.0)), Walk((1.0, 1.3)), Walk((-2.4, -1.2))),
                    2,
                ),
            ),
            duration_s=_FILM_S,
            mirror=MirrorSpec("left", -2.6, 2.4),
        ),
        (_AT_MIRROR,),
    ),
    TrackingScene(
        "two_cameras_3",
        "three people walk from the view of one camera into that of the other",
        SceneSpec(_THREE_ON_THEIR_WAY, duration_s=_FILM_S),
        (_LEFT_HALF, _RIGHT_HALF),
    ),
    TrackingScene(
        "four_cameras_6",
        "six people, filmed from four corners of the room",
        SceneSpec(_CROWD, duration_s=_FILM_S, room=2),
        (_FRONT_LEFT, _FRONT_RIGHT, _BACK_LEFT, _BACK_RIGHT),
    ),
)

SCENES: Mapping[str, TrackingScene] = {scene.name: scene for scene in _ALL}
"""By name."""
