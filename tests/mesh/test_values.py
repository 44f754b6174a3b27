"""Ids, times, tensors, pages: what goes in comes out, and what can't be used is refused with the field's name."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mesh import ids, pages, tensors, times
from mesh.errors import InvalidArgument
from spotter.common.v1 import tensor_pb2


@given(arrays(np.float32, array_shapes(min_dims=1, max_dims=4, max_side=5), elements=st.floats(width=32)))
def test_a_tensor_comes_back_as_it_was_sent(array):
    np.testing.assert_array_equal(tensors.from_tensor(tensors.to_tensor(array)), array)


@pytest.mark.parametrize(
    "tensor",
    [
        tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FLOAT32, shape=[2], data=b"\0" * 7),
        tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_UINT8, shape=[4], data=b"\0" * 4),
        tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FLOAT32, shape=[-1], data=b""),
        tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FLOAT32, shape=[1] * 5, data=b"\0" * 4),
        tensor_pb2.Tensor(),
    ],
)
def test_a_tensor_whose_bytes_dont_fit_is_refused(tensor):
    with pytest.raises(InvalidArgument) as caught:
        tensors.from_tensor(tensor, "keypoints")
    assert caught.value.field == "keypoints"


@given(st.integers(0, 2**62))
def test_times_keep_their_nanoseconds_in_messages_and_microseconds_in_the_database(time_ns):
    assert times.from_timestamp(times.to_timestamp(time_ns)) == time_ns
    if time_ns < 2**60:
        assert times.from_datetime(times.to_datetime(time_ns)) == time_ns // 1000 * 1000


@given(st.lists(st.one_of(st.text(), st.integers(-(2**40), 2**40)), min_size=1, max_size=3))
def test_a_page_token_carries_its_keys(keys):
    assert pages.decode_token(pages.encode_token(*keys), len(keys)) == keys


@given(st.text(min_size=1))
def test_a_token_that_isnt_ours_is_refused(token):
    with pytest.raises(InvalidArgument):
        pages.decode_token(token, 9)


def test_page_sizes_stay_within_bounds():
    assert [pages.page_size(size) for size in (0, 1, 200, 5000)] == [50, 1, 200, 200]
    with pytest.raises(InvalidArgument):
        pages.page_size(-1)


@given(st.text())
def test_a_slug_is_always_a_valid_id(text):
    assert ids.require_slug(ids.slug(text, "camera"), "camera_id")


def test_derived_ids_depend_on_every_part():
    assert ids.derived_id("a", 1) == ids.derived_id("a", 1)
    assert len({ids.derived_id("a", 1), ids.derived_id("a", 2), ids.derived_id("a1"), ids.derived_id("a", "", 1)}) == 4
    assert uuid.UUID(ids.derived_id("a")).version == 5
