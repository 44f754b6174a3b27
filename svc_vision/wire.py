"""People as other services read them."""

from __future__ import annotations

import numpy as np

from mesh import tensors
from spotter.common.v1 import tensor_pb2
from svc_vision.people import KeypointSchema, People

_SCHEMAS = {
    KeypointSchema.COCO_17: tensor_pb2.KEYPOINT_SCHEMA_COCO_17,
    KeypointSchema.BLAZEPOSE_33: tensor_pb2.KEYPOINT_SCHEMA_BLAZEPOSE_33,
}


def keypoints_message(people: People, scale: float = 1.0, depth: bool = True) -> tensor_pb2.Keypoints:
    """The joints that the finder knows; metres only where it knows depth.

    Args:
        people: row i becomes row i.
        scale: of the picture that the pixels shall count in.
        depth: False leaves the metres out.
    """
    coco = people.schema is KeypointSchema.COCO_17
    image = people.coco17() if coco else people.keypoints
    if scale != 1.0:
        image = image * np.array([scale, scale, 1.0], np.float32)
    return tensor_pb2.Keypoints(
        schema=_SCHEMAS[people.schema],
        image=tensors.to_tensor(image),
        world=tensors.to_tensor(people.world) if depth and not coco else None,
    )
