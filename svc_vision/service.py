"""The servicer: messages of the contract in, domain out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc

from mesh.errors import InvalidArgument, NotFound
from mesh.ids import CameraId, GymId, require_slug
from mesh.server import Drain
from mesh.streams import Granter, check_open, not_opened, until_drained
from spotter.common.v1 import stream_pb2
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc
from svc_vision import preview
from svc_vision.deliveries import EveryFrame, NewestFrame
from svc_vision.errors import CodecError
from svc_vision.eye import CameraEye, Unit, VideoFormat
from svc_vision.finder import FinderMaker
from svc_vision.inference import Inference
from svc_vision.scheduling.attention import Attention
from svc_vision.scheduling.config import ScheduleConfig
from svc_vision.tracking.tracker import TrackerMaker
from svc_vision.watching import CameraWatch, Surroundings

Context = grpc.aio.ServicerContext[Any, Any]
PROGRESS_INTERVAL_S = 1.0
MAX_PREVIEW_RATE_HZ = 5.0
_End = object()
_Message = Unit | VideoFormat | object


class VisionServicer(vision_pb2_grpc.VisionServiceServicer):
    """spotter.vision.v1.VisionService."""

    def __init__(
        self,
        inference: Inference,
        make_finder: FinderMaker,
        make_tracker: TrackerMaker,
        surroundings_of: Callable[[GymId], Surroundings],
        drain: Drain,
        credit: int,
        schedule: ScheduleConfig | None,
    ) -> None:
        """`schedule`: None looks at the newest frame of every camera, whatever it shows."""
        self._inference = inference
        self._make_finder = make_finder
        self._make_tracker = make_tracker
        self._surroundings_of = surroundings_of
        self._drain = drain
        self._credit = credit
        self._schedule = schedule
        self._watches: dict[tuple[GymId, CameraId], CameraWatch] = {}

    async def Watch(
        self, request_iterator: AsyncIterator[vision_pb2.WatchRequest], context: Context
    ) -> AsyncIterator[vision_pb2.WatchResponse]:
        requests = until_drained(request_iterator, self._drain)
        first = await anext(requests, None)
        if first is None:
            return
        if first.WhichOneof("message") != "open":
            raise not_opened("open")
        watch = self._open(first.open)
        key = (watch.gym_id, watch.camera_id)
        self._watches[key] = watch
        responses: asyncio.Queue[vision_pb2.WatchResponse | None] = asyncio.Queue()
        work = asyncio.create_task(_Stream(watch, requests, responses, self._credit).run())
        work.add_done_callback(lambda _: responses.put_nowait(None))
        try:
            while (response := await responses.get()) is not None:
                yield response
            await work
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            if self._watches.get(key) is watch:
                del self._watches[key]
                watch.close()

    def _open(self, request: vision_pb2.WatchOpen) -> CameraWatch:
        gym_id = check_open(request.open)
        camera_id = CameraId(require_slug(request.open.camera_id, "open.camera_id"))
        try:
            finder = self._make_finder()
            tracker = self._make_tracker(camera_id, finder.sure_score)
            eye = CameraEye(finder, _format(request.format), request.analysed_until_ns, tracker)
        except CodecError as error:
            raise InvalidArgument("format.codec", error.message, reason=error.reason) from None
        around = self._surroundings_of(gym_id)
        if request.delivery == stream_pb2.DELIVERY_EVERY:
            return EveryFrame(camera_id, eye, around)
        return NewestFrame(camera_id, eye, around, Attention(self._schedule) if self._schedule else None)

    async def StreamPreview(
        self, request: vision_pb2.StreamPreviewRequest, context: Context
    ) -> AsyncIterator[vision_pb2.StreamPreviewResponse]:
        gym_id, camera_id = GymId(request.gym_id), CameraId(request.camera_id)
        if (gym_id, camera_id) not in self._watches:
            raise NotFound("CAMERA_NOT_WATCHED", "Nobody watches this camera now; attach it, or wait until it is live.")
        if not 0 <= request.max_rate_hz <= MAX_PREVIEW_RATE_HZ:
            raise InvalidArgument("max_rate_hz", f"max_rate_hz must be 0 to {MAX_PREVIEW_RATE_HZ:.0f}.")
        if request.max_width_px and not 160 <= request.max_width_px <= 1280:
            raise InvalidArgument("max_width_px", "max_width_px must be 160 to 1280.")
        surroundings = self._surroundings_of(gym_id)
        interval_s = 1 / (request.max_rate_hz or MAX_PREVIEW_RATE_HZ)
        picture: preview.Preview | None = None
        loop = asyncio.get_running_loop()
        while not self._drain.started:
            due = loop.time() + interval_s
            picture = await surroundings.previews.next(gym_id, camera_id, picture)
            if picture is None:
                return
            yield await asyncio.to_thread(preview.encode, picture, request.max_width_px or 640)
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def GetStatus(self, request: vision_pb2.GetStatusRequest, context: Context) -> vision_pb2.GetStatusResponse:
        return vision_pb2.GetStatusResponse(
            executor=self._inference.name,
            models=list(self._inference.models()),
            cameras=[_status(watch) for watch in self._watches.values()],
            model_statuses=[
                vision_pb2.ModelStatus(model=one.name, device=one.device, precision=one.precision)
                for one in self._inference.describe()
            ],
        )


class _Stream:
    """Reads one Watch stream and works on it: what comes meanwhile waits, and is then taken together."""

    def __init__(
        self,
        watch: CameraWatch,
        requests: AsyncIterator[vision_pb2.WatchRequest],
        responses: asyncio.Queue[vision_pb2.WatchResponse | None],
        credit: int,
    ) -> None:
        self._watch = watch
        self._requests = requests
        self._responses = responses
        self._granter = Granter(credit)
        self._waiting: asyncio.Queue[_Message] = asyncio.Queue()

    async def run(self) -> None:
        """Returns when the source ended or went away."""
        self._tell(vision_pb2.WatchResponse(credit=self._granter.first()))
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._read())
            reporting = tasks.create_task(self._report())
            looking = tasks.create_task(self._watch.run())
            finished = await self._work()
            for task in (reading, reporting, looking):
                task.cancel()
        self._tell(vision_pb2.WatchResponse(progress=_progress(self._watch)))
        if finished:
            self._tell(vision_pb2.WatchResponse(finished=vision_pb2.WatchFinished()))

    async def _read(self) -> None:
        try:
            async for request in self._requests:
                kind = request.WhichOneof("message")
                if kind == "access_unit":
                    self._waiting.put_nowait(_unit(request.access_unit))
                elif kind == "format":
                    self._waiting.put_nowait(_format(request.format))
                elif kind == "end_of_stream":
                    self._waiting.put_nowait(_End)
        finally:
            self._waiting.put_nowait(None)

    async def _work(self) -> bool:
        """Works until the end of the stream (True), or until the source is gone (False)."""
        held: _Message = ()
        while True:
            message = held if held != () else await self._waiting.get()
            held = ()
            if message is None:
                return False
            if message is _End:
                await self._watch.finish()
                return True
            if isinstance(message, VideoFormat):
                await self._watch.change_format(message)
                continue
            units = [message]
            while len(units) < self._watch.units_a_call and not self._waiting.empty():
                following = self._waiting.get_nowait()
                if not isinstance(following, Unit):
                    held = following
                    break
                units.append(following)
            await self._watch.take([unit for unit in units if isinstance(unit, Unit)])
            if self._watch.every:
                # What is known to be analysed isn't sent again after a crash.
                self._tell(vision_pb2.WatchResponse(progress=_progress(self._watch)))
            for _ in units:
                if credit := self._granter.after_message():
                    self._tell(vision_pb2.WatchResponse(credit=credit))

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_INTERVAL_S)
            self._tell(vision_pb2.WatchResponse(progress=_progress(self._watch)))

    def _tell(self, response: vision_pb2.WatchResponse) -> None:
        self._responses.put_nowait(response)


def _format(message: vision_pb2.VideoFormat) -> VideoFormat:
    return VideoFormat(message.codec, message.extradata, message.rotation_deg)


def _unit(message: vision_pb2.AccessUnit) -> Unit:
    return Unit(
        message.sequence,
        message.capture_time_ns,
        message.receive_time_ns,
        message.presentation_ns,
        message.key_frame,
        message.data,
    )


def _progress(watch: CameraWatch) -> vision_pb2.WatchProgress:
    progress = watch.progress
    return vision_pb2.WatchProgress(
        frames_analysed=progress.analysed,
        frames_dropped=progress.dropped,
        frames_corrupt=progress.corrupt,
        last_sequence=progress.last_sequence,
        frames_idle=progress.idle,
    )


def _status(watch: CameraWatch) -> vision_pb2.CameraStatus:
    frame_times = watch.progress.frame_times_ms
    return vision_pb2.CameraStatus(
        gym_id=watch.gym_id,
        camera_id=watch.camera_id,
        frames_analysed=watch.progress.analysed,
        frames_dropped=watch.progress.dropped,
        people=watch.progress.people,
        frame_time_ms=sum(frame_times) / max(1, len(frame_times)),
        frames_idle=watch.progress.idle,
    )
