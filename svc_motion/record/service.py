"""The record's servicer: messages of the contract in, rows and sums out."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any

import grpc

from mesh import pages, times
from mesh.errors import InvalidArgument, NotFound
from mesh.ids import GymId, require_slug, require_uuid
from spotter.motion.v1 import motion_pb2, record_pb2, record_pb2_grpc
from svc_motion import answers as set_answers
from svc_motion.library import Library
from svc_motion.record import answers, export, requests
from svc_motion.record.backlog import Backlog
from svc_motion.record.correcting import LONGEST_REASON, Asked, Corrector
from svc_motion.record.days import day_of, streaks, week_of
from svc_motion.record.keeper import RecordKeeper
from svc_motion.record.masks import ReadMask
from svc_motion.record.store import RecordStore
from svc_motion.record.sums import muscle_sets, sums_of_days
from svc_motion.store import MotionStore

Context = grpc.aio.ServicerContext[Any, Any]
_CORRECTED_BY = {number: name for name, number in answers.CORRECTED_BY.items()}
_FORMS: dict[int, export.Form] = {
    record_pb2.EXPORT_FORMAT_CSV: export.Csv(),
    record_pb2.EXPORT_FORMAT_JSON: export.JsonLines(),
}
_CONTENT_TYPES = {
    record_pb2.EXPORT_FORMAT_CSV: ("text/csv; charset=utf-8", "csv"),
    record_pb2.EXPORT_FORMAT_JSON: ("application/jsonl", "jsonl"),
}
SETS_A_PAGE = 300
"""Sets in a page of days. Raised: fewer calls for a long history, and each holds up the frames that come in longer."""
DEFAULT_WEEKS, MOST_WEEKS = 12, 260
DEFAULT_DAYS, MOST_BALANCE_DAYS, MOST_SUMMARY_DAYS = 28, 366, 92


class RecordServicer(record_pb2_grpc.RecordServiceServicer):
    """spotter.motion.v1.RecordService."""

    def __init__(
        self,
        library: Library,
        people: MotionStore,
        store: RecordStore,
        corrector: Corrector,
        keeper: RecordKeeper,
        backlog: Backlog,
    ) -> None:
        self._library = library
        self._people = people
        self._store = store
        self._corrector = corrector
        self._zone = keeper.zone
        self._backlog = backlog

    async def GetHistory(
        self, request: record_pb2.GetHistoryRequest, context: Context
    ) -> record_pb2.GetHistoryResponse:
        mask = ReadMask(request.read_mask, record_pb2.HistoryDay.DESCRIPTOR)
        first, last = requests.day_range(request.start_day, request.end_day)
        size = pages.page_size(request.page_size)
        token = requests.PageToken("history", request.gym_id, request.person_id, first, last)
        if keys := token.decode(request.page_token, 1):
            after = requests.day(str(keys[0]), "page_token")
            last = after - timedelta(days=1) if after else last
        gym_id, person_id = await self._person(request)
        rows = await self._store.days(gym_id, person_id, first, last, size + 1)
        shown = _whole_days(rows[:size]) if mask.wants("sets") else rows[:size]
        of_day: dict[date, list[Any]] = {}
        sets: dict[date, list[motion_pb2.Set]] = {}
        if shown and mask.wants("totals"):
            for row in await self._store.exercises_of_days(gym_id, person_id, shown[-1].day, shown[0].day):
                of_day.setdefault(row.day, []).append(row)
        if shown and mask.wants("sets"):
            for row in await self._store.sets_of_days(gym_id, person_id, shown[-1].day, shown[0].day):
                sets.setdefault(row.day, []).append(set_answers.to_set(row, families=self._library.families))
        days = [answers.to_history_day(row, of_day.get(row.day, []), sets.get(row.day, [])) for row in shown]
        return record_pb2.GetHistoryResponse(
            days=[mask.applied(day) for day in days],
            next_page_token=token.encode(shown[-1].day.isoformat()) if len(rows) > len(shown) else "",
        )

    async def GetTotals(self, request: record_pb2.GetTotalsRequest, context: Context) -> record_pb2.GetTotalsResponse:
        mask = ReadMask(request.read_mask, record_pb2.Totals.DESCRIPTOR)
        first, last = requests.day_range(request.start_day, request.end_day)
        gym_id, person_id = await self._person(request)
        totals = await self._totals(gym_id, person_id, first, last)
        return record_pb2.GetTotalsResponse(totals=mask.applied(totals))

    async def GetStreaks(
        self, request: record_pb2.GetStreaksRequest, context: Context
    ) -> record_pb2.GetStreaksResponse:
        mask = ReadMask(request.read_mask, record_pb2.Streaks.DESCRIPTOR)
        today = self._as_of(request.as_of_day)
        gym_id, person_id = await self._person(request)
        found = streaks(await self._store.all_days(gym_id, person_id), today)
        return record_pb2.GetStreaksResponse(streaks=mask.applied(answers.to_streaks(found)))

    async def ListPersonalBests(
        self, request: record_pb2.ListPersonalBestsRequest, context: Context
    ) -> record_pb2.ListPersonalBestsResponse:
        mask = ReadMask(request.read_mask, record_pb2.PersonalBest.DESCRIPTOR)
        size = pages.page_size(request.page_size)
        token = requests.PageToken("bests", request.gym_id, request.person_id, request.exercise)
        keys = token.decode(request.page_token, 2)
        gym_id, person_id = await self._person(request)
        found = await self._store.bests(gym_id, person_id, request.exercise)
        if keys is not None:
            found = [best for best in found if (best.exercise, best.kind) > (str(keys[0]), int(keys[1]))]
        shown = found[:size]
        return record_pb2.ListPersonalBestsResponse(
            personal_bests=[mask.applied(answers.to_best(best)) for best in shown],
            next_page_token=token.encode(shown[-1].exercise, int(shown[-1].kind)) if len(found) > size else "",
        )

    async def GetTrends(self, request: record_pb2.GetTrendsRequest, context: Context) -> record_pb2.GetTrendsResponse:
        mask = ReadMask(request.read_mask, record_pb2.ExerciseTrend.DESCRIPTOR)
        today = self._as_of(request.as_of_day)
        weeks = requests.count(request.weeks, "weeks", DEFAULT_WEEKS, MOST_WEEKS)
        gym_id, person_id = await self._person(request)
        first = week_of(today) - timedelta(weeks=weeks - 1)
        rows = await self._store.weeks(gym_id, person_id, request.exercise, first, today)
        return record_pb2.GetTrendsResponse(trends=[mask.applied(trend) for trend in answers.to_trends(rows)])

    async def GetMuscleBalance(
        self, request: record_pb2.GetMuscleBalanceRequest, context: Context
    ) -> record_pb2.GetMuscleBalanceResponse:
        mask = ReadMask(request.read_mask, record_pb2.MuscleBalance.DESCRIPTOR)
        today = self._as_of(request.as_of_day)
        days = requests.count(request.days, "days", DEFAULT_DAYS, MOST_BALANCE_DAYS)
        gym_id, person_id = await self._person(request)
        first = today - timedelta(days=days - 1)
        rows = await self._store.totals(gym_id, person_id, first, today)
        groups = muscle_sets({row.exercise: row.sets for row in rows}, self._library)
        balance = answers.to_balance(first, today, groups)
        return record_pb2.GetMuscleBalanceResponse(balance=mask.applied(balance))

    async def CompareWeeks(
        self, request: record_pb2.CompareWeeksRequest, context: Context
    ) -> record_pb2.CompareWeeksResponse:
        mask = ReadMask(request.read_mask, record_pb2.WeekComparison.DESCRIPTOR)
        today = self._as_of(request.as_of_day)
        gym_id, person_id = await self._person(request)
        monday, week = week_of(today), timedelta(weeks=1)
        rows = await self._store.exercises_of_days(gym_id, person_id, monday - week, today)
        comparison = record_pb2.WeekComparison(
            week_start_day=monday.isoformat(),
            this_week=answers.to_totals(*sums_of_days(row for row in rows if row.day >= monday)),
            last_week=answers.to_totals(*sums_of_days(row for row in rows if row.day < monday)),
            last_week_so_far=answers.to_totals(*sums_of_days(row for row in rows if row.day <= today - week)),
        )
        return record_pb2.CompareWeeksResponse(comparison=mask.applied(comparison))

    async def CorrectSet(
        self, request: record_pb2.CorrectSetRequest, context: Context
    ) -> record_pb2.CorrectSetResponse:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        set_id = require_uuid(request.set_id, "set_id")
        await self._backlog.sets_ready([set_id])
        row, correction = await self._corrector.correct(gym_id, set_id, _asked(request), times.now_ns())
        return record_pb2.CorrectSetResponse(
            set=set_answers.to_set(row, families=self._library.families), correction=answers.to_correction(correction)
        )

    async def ListCorrections(
        self, request: record_pb2.ListCorrectionsRequest, context: Context
    ) -> record_pb2.ListCorrectionsResponse:
        mask = ReadMask(request.read_mask, record_pb2.Correction.DESCRIPTOR)
        size = pages.page_size(request.page_size)
        token = requests.PageToken("corrections", request.gym_id, request.person_id)
        after = token.decode_position(request.page_token)
        gym_id, person_id = await self._anybody(request)
        rows = await self._store.corrections(gym_id, person_id, after, size + 1)
        shown = rows[:size]
        return record_pb2.ListCorrectionsResponse(
            corrections=[mask.applied(answers.to_correction(row)) for row in shown],
            next_page_token=token.encode(shown[-1].create_time.isoformat(), shown[-1].correction_id)
            if len(rows) > size
            else "",
        )

    async def GetCorrectionSummary(
        self, request: record_pb2.GetCorrectionSummaryRequest, context: Context
    ) -> record_pb2.GetCorrectionSummaryResponse:
        mask = ReadMask(request.read_mask, record_pb2.CorrectionSummary.DESCRIPTOR)
        today = self._as_of(request.as_of_day)
        days = requests.count(request.days, "days", DEFAULT_DAYS, MOST_SUMMARY_DAYS)
        gym_id, person_id = await self._anybody(request)
        rows = await self._store.correction_summary(gym_id, person_id, today - timedelta(days=days - 1), today)
        return record_pb2.GetCorrectionSummaryResponse(
            summaries=[mask.applied(answers.to_summary(row)) for row in rows]
        )

    async def ExportRecord(
        self, request: record_pb2.ExportRecordRequest, context: Context
    ) -> AsyncIterator[record_pb2.ExportRecordResponse]:
        if request.format not in _CONTENT_TYPES:
            raise InvalidArgument("format", "format must be EXPORT_FORMAT_CSV or EXPORT_FORMAT_JSON.")
        first, last = requests.day_range(request.start_day, request.end_day)
        gym_id, person_id = await self._person(request)
        content_type, suffix = _CONTENT_TYPES[request.format]
        yield record_pb2.ExportRecordResponse(content_type=content_type, file_name=f"spotter-record.{suffix}")
        lines = self._lines(request, gym_id, person_id, first, last)
        async for piece in export.pieces(lines):
            yield record_pb2.ExportRecordResponse(data=piece)

    async def _lines(
        self,
        request: record_pb2.ExportRecordRequest,
        gym_id: GymId,
        person_id: str,
        first: date | None,
        last: date | None,
    ) -> AsyncIterator[bytes]:
        by_repetition = request.rows != record_pb2.EXPORT_ROWS_SETS
        form = _FORMS[request.format]
        if header := form.header(export.column_names(by_repetition)):
            yield header
        after = None
        while True:
            rows = await self._store.export_sets(gym_id, person_id, first, last, after, export.SETS_AT_ONCE)
            repetitions = await self._store.repetitions_of(rows) if by_repetition else {}
            for row in rows:
                of_set = repetitions.get(row.set_id, []) if by_repetition else None
                for line in export.lines(form, row, of_set):
                    yield line
            if len(rows) < export.SETS_AT_ONCE:
                return
            after = (rows[-1].start_time, rows[-1].set_id)

    async def _totals(self, gym_id: GymId, person_id: str, first: date | None, last: date | None) -> record_pb2.Totals:
        rows = await self._store.totals(gym_id, person_id, first, last)
        return answers.to_totals(rows, await self._store.faults(gym_id, person_id, first, last))

    async def _person(self, request: Any) -> tuple[GymId, str]:
        gym_id = GymId(require_slug(request.gym_id, "gym_id"))
        person_id = require_uuid(request.person_id, "person_id")
        if not await self._people.is_followed(gym_id, person_id):
            raise NotFound("PERSON_NOT_FOUND", "Nobody with this person_id has been followed in this gym.")
        await self._backlog.person_ready(person_id)
        return gym_id, person_id

    async def _anybody(self, request: Any) -> tuple[GymId, str]:
        """As _person, where an empty person_id means everybody."""
        if request.person_id:
            return await self._person(request)
        return GymId(require_slug(request.gym_id, "gym_id")), ""

    def _as_of(self, value: str) -> date:
        return requests.day(value, "as_of_day") or day_of(times.now_ns(), self._zone)


def _whole_days(rows: Sequence[Any]) -> Sequence[Any]:
    """The first of these days, with SETS_A_PAGE sets at most; always one."""
    sums = itertools.accumulate(row.sets for row in rows)
    return rows[: max(1, sum(total <= SETS_A_PAGE for total in sums))]


def _asked(request: record_pb2.CorrectSetRequest) -> Asked:
    if request.corrected_by not in _CORRECTED_BY:
        raise InvalidArgument("corrected_by", "corrected_by must be CORRECTED_BY_MEMBER or CORRECTED_BY_STAFF.")
    reason = " ".join(request.reason.split())
    if len(reason) > LONGEST_REASON:
        raise InvalidArgument("reason", f"reason must have at most {LONGEST_REASON} characters.")
    return Asked(
        exercise=request.exercise or None,
        repetitions=request.repetition_count if request.HasField("repetition_count") else None,
        hold_s=request.hold_s if request.HasField("hold_s") else None,
        corrected_by=_CORRECTED_BY[request.corrected_by],
        reason=reason,
        request_id=require_uuid(request.request_id, "request_id") if request.request_id else "",
    )
