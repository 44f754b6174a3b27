"""Parameters of tracking by appearance; what happens when each is raised."""

from __future__ import annotations

from dataclasses import dataclass, field

from svc_vision.tracking.bytetrack import ByteTrackConfig


@dataclass(frozen=True, slots=True)
class TrackerConfig:
    """Parameters of `PersonTracker`."""

    appearance: bool = True
    """Give ids back by appearance and undo swaps; without it this is ByteTrack alone."""
    motion: ByteTrackConfig = field(default_factory=ByteTrackConfig)
    remember_s: float = 30.0
    """For so long whoever is lost may come back to their id. Raised: longer absences are bridged, and more wrongly."""
    settle_s: float = 0.4
    """For so long a new track waits for a crop that tells whether it is somebody who was lost; only then it gets an id.
    Raised: fewer people with a second id, later ids for those who really are new."""
    describe_quality: float = 0.25
    """Least worth of a crop (`svc_vision.crops`). Raised: fewer and better descriptions."""
    colours_interval_s: float = 0.5
    """Between two descriptions of the colours of one track. Raised: cheaper, slower to learn another side of a body."""
    embedding_interval_s: float = 5.0
    """Between two embeddings of one track. Raised: cheaper, slower to learn another side of a body."""
    embeddings_per_s: float = 8.0
    """Most embeddings a second of one camera. Raised: crowds are described sooner, at about 2 ms each."""
    near_reach: float = 0.6
    """How far from the place of the loss somebody may come back at once, in body heights."""
    near_reach_per_s: float = 1.2
    """Body heights a person may walk in a second, unseen."""
    near_s: float = 5.0
    """So long after the loss the place says something. Raised: people in one uniform take each other's id."""
    near_reach_limit: float = 3.0
    """Reach by which place counts grows no farther, body heights."""
    near_score: float = 0.5
    """Least mean of nearness and likeness (0..1) of somebody who comes back near. Raised: more new ids."""
    near_likeness: float = 0.25
    """And their least likeness alone. Raised: more new ids at the edge, where crops are poor."""
    far_likeness: float = 0.6
    """Least likeness of somebody who comes back anywhere in the picture. Raised: more new ids."""
    far_margin: float = 0.2
    """By so much they must be more alike than anybody else. Raised: people in one uniform keep apart better."""
    tangle_overlap: float = 0.2
    """Share of a box under another from which two tracks may take each other's person. Raised: fewer checks."""
    apart_overlap: float = 0.1
    """Share below which they are apart again and are compared with what they looked like before."""
    checks: int = 3
    """Descriptions of both after a crossing before it is judged. Raised: surer, later."""
    check_interval_s: float = 0.1
    """Between two of them."""
    swap_margin: float = 0.15
    """By so much, of 1, another id must look better than the one a track has. Raised: fewer swaps undone, or made."""
    doubt_s: float = 0.2
    """After so long without a box a track may show somebody else who was lost. Raised: fewer checks."""
