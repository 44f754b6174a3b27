"""The record through the edge: real servicers of motion behind it, on a real database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import pytest
import pytest_asyncio
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mesh.channels import open_channel
from mesh.ids import new_id
from spotter.edge.v1 import record_pb2, record_pb2_grpc
from spotter.motion.v1 import record_pb2 as motion_pb2
from svc_motion.record import export
from tests.svc_edge_api.peers import Edge, Peers
from tests.svc_motion.record.diary import NS, Diary, Office, at, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
Metadata = tuple[tuple[str, str], ...]


@dataclass
class Visit:
    """Somebody with one set of squats, and the edge they ask."""

    edge: Edge
    office: Office
    stub: record_pb2_grpc.EdgeRecordServiceStub
    diary: Diary
    set_id: str

    @property
    def own(self) -> Metadata:
        return self.edge.bearer("member", self.diary.person_id)

    @property
    def somebody_else(self) -> Metadata:
        return self.edge.bearer("member", new_id())

    @property
    def staff(self) -> Metadata:
        return self.edge.bearer()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visit(
    postgres_url: str, nats_url: str, peers: Peers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Visit]:
    async with opened(postgres_url, nats_url) as office:
        diary = await office.new_diary()
        set_id = await diary.train("2026-03-11T10:00", "squat", 8)
        upstreams = peers.addresses | {"motion": office.address}
        edge = Edge(tmp_path_factory.mktemp("edge"), nats_url, upstreams, diary.gym_id)
        await edge.start()
        async with open_channel(edge.address) as channel:
            yield Visit(edge, office, record_pb2_grpc.EdgeRecordServiceStub(channel), diary, set_id)
        await edge.end()


def reason_of(error: grpc.aio.AioRpcError) -> str:
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    assert status is not None and status.details[0].Unpack(info)
    return str(info.reason)


async def test_a_member_reads_their_own_record_without_naming_themselves(visit: Visit) -> None:
    as_of, own = "2026-03-11", visit.own
    days = (await visit.stub.GetHistory(record_pb2.GetHistoryRequest(), metadata=own)).days
    assert [(day.day, day.sets[0].set_id) for day in days] == [("2026-03-11", visit.set_id)]
    totals = await visit.stub.GetTotals(record_pb2.GetTotalsRequest(), metadata=own)
    assert totals.totals.set_count == 1
    streaks = await visit.stub.GetStreaks(record_pb2.GetStreaksRequest(as_of_day=as_of), metadata=own)
    assert streaks.streaks.current_days == 1
    bests = await visit.stub.ListPersonalBests(record_pb2.ListPersonalBestsRequest(), metadata=own)
    assert len(bests.personal_bests) == 3
    trends = await visit.stub.GetTrends(record_pb2.GetTrendsRequest(as_of_day=as_of), metadata=own)
    assert [trend.exercise for trend in trends.trends] == ["squat"]
    balance = await visit.stub.GetMuscleBalance(record_pb2.GetMuscleBalanceRequest(as_of_day=as_of), metadata=own)
    assert balance.balance.muscle_groups[0].set_count == 1
    weeks = await visit.stub.CompareWeeks(record_pb2.CompareWeeksRequest(as_of_day=as_of), metadata=own)
    assert weeks.comparison.this_week.set_count == 1


async def test_nobody_reads_the_record_of_somebody_else(visit: Visit) -> None:
    named = record_pb2.GetHistoryRequest(person_id=visit.diary.person_id)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await visit.stub.GetHistory(named, metadata=visit.somebody_else)
    assert reason_of(refused.value) == "NOT_YOUR_PERSON"
    with pytest.raises(grpc.aio.AioRpcError) as hidden:
        wrong = record_pb2.CorrectSetRequest(set_id=visit.set_id, repetition_count=1)
        await visit.stub.CorrectSet(wrong, metadata=visit.somebody_else)
    assert hidden.value.code() is grpc.StatusCode.NOT_FOUND
    with pytest.raises(grpc.aio.AioRpcError) as kiosk:
        await visit.stub.GetHistory(named, metadata=visit.edge.bearer("kiosk"))
    assert reason_of(kiosk.value) == "ROLE_NOT_ALLOWED"
    assert len((await visit.stub.GetHistory(named, metadata=visit.staff)).days) == 1


async def test_errors_of_the_record_reach_the_client_with_their_reason(visit: Visit) -> None:
    for request, reason in (
        (record_pb2.GetHistoryRequest(person_id=new_id()), "PERSON_NOT_FOUND"),
        (record_pb2.GetHistoryRequest(), "INVALID_FIELD"),
        (
            record_pb2.GetHistoryRequest(person_id=visit.diary.person_id, read_mask=FieldMask(paths=["shoe_size"])),
            "INVALID_FIELD",
        ),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await visit.stub.GetHistory(request, metadata=visit.staff)
        assert reason_of(refused.value) == reason


async def test_a_correction_carries_the_role_of_the_token(visit: Visit) -> None:
    request = record_pb2.CorrectSetRequest(set_id=visit.set_id, repetition_count=9, reason="one was missed")
    answer = await visit.stub.CorrectSet(request, metadata=visit.own)
    assert answer.correction.corrected_by == motion_pb2.CORRECTED_BY_MEMBER
    assert (answer.set.repetition_count, answer.set.corrected_repetition_count) == (8, 9)
    await visit.stub.CorrectSet(request, metadata=visit.staff)
    listed = await visit.stub.ListCorrections(record_pb2.ListCorrectionsRequest(), metadata=visit.own)
    assert [made.corrected_by for made in listed.corrections] == [
        motion_pb2.CORRECTED_BY_STAFF,
        motion_pb2.CORRECTED_BY_MEMBER,
    ]
    summary = record_pb2.GetCorrectionSummaryRequest(as_of_day="2026-03-11")
    [squat] = (await visit.stub.GetCorrectionSummary(summary, metadata=visit.staff)).summaries
    assert (squat.corrected_set_count, squat.mean_count_bias) == (1, -1.0)


async def test_the_record_is_exported_line_by_line(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "SETS_AT_ONCE", 7)
    monkeypatch.setattr(export, "LARGEST_PIECE_BYTES", 2048)
    diary = await visit.office.new_diary(visit.diary.gym_id)
    for number in range(20):
        await diary.train(at("2026-01-01T10:00") + number * 86_400 * NS, "squat", 2)
    await diary.train("2026-03-11T10:00", "plank", hold_s=30.0)
    for rows, count in ((motion_pb2.EXPORT_ROWS_SETS, 21), (motion_pb2.EXPORT_ROWS_REPETITIONS, 41)):
        request = record_pb2.ExportRecordRequest(person_id=diary.person_id, rows=rows)
        request.format = motion_pb2.EXPORT_FORMAT_CSV
        table = list(csv.DictReader(io.StringIO(await exported(visit, request))))
        request.format = motion_pb2.EXPORT_FORMAT_JSON
        lines = [json.loads(line) for line in (await exported(visit, request)).splitlines()]
        assert len(table) == len(lines) == count and list(table[0]) == list(lines[0])
        assert (table[-1]["exercise"], table[-1]["hold_s"], lines[-1]["hold_s"]) == ("plank", "30.0", 30.0)
    assert [line["number"] for line in lines[:4]] == [1, 2, 1, 2] and lines[-1]["number"] is None


async def exported(visit: Visit, request: record_pb2.ExportRecordRequest) -> str:
    pieces = [piece async for piece in visit.stub.ExportRecord(request, metadata=visit.staff)]
    assert pieces[0].file_name.startswith("spotter-record.") and pieces[0].content_type
    assert len(pieces) > 2 and max(len(piece.data) for piece in pieces) <= 2048
    return b"".join(piece.data for piece in pieces).decode()
