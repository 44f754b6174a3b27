from __future__ import annotations

import grpc
import pytest
from google.rpc import error_details_pb2

from mesh import errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotFound("CAMERA_NOT_FOUND", "There is no such camera.", camera_id="front"), grpc.StatusCode.NOT_FOUND),
        (errors.InvalidArgument("camera.uri", "Only these schemes are opened."), grpc.StatusCode.INVALID_ARGUMENT),
        (errors.Unavailable("DATABASE_UNAVAILABLE", "Try again."), grpc.StatusCode.UNAVAILABLE),
    ],
)
def test_an_error_survives_the_way_to_a_status_and_back(error, code):
    status = errors.to_status(error, "ingest")
    back = errors.from_status(status)
    assert (back.code, back.reason, back.message) == (code, error.reason, error.message)
    assert back.metadata == error.metadata


def test_a_status_has_exactly_one_error_info_and_names_a_wrong_field():
    status = errors.to_status(errors.InvalidArgument("camera.uri", "Use rtsp:."), "ingest")
    infos = [detail for detail in status.details if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR)]
    assert len(infos) == 1
    bad = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(bad)
    assert bad.field_violations[0].field == "camera.uri"
