"""svc_coach as others see it: motion events in, guidance out, over real NATS and PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import psycopg
import pytest

from mesh import names, times
from mesh.bus import Bus
from mesh.ids import new_id
from mesh.launcher.layout import free_ports
from mesh.settings import MeshSettings
from spotter.coach.v1 import coach_pb2, coach_pb2_grpc
from spotter.common.v1 import exercise_pb2
from spotter.events.v1 import events_pb2
from tests.svc_coach.messages_api import MessagesApi

NS_PER_S = 1_000_000_000
SHALLOW = exercise_pb2.Fault(name="shallow_squat", severity=exercise_pb2.SEVERITY_MAJOR, confidence=1)
CAVING = exercise_pb2.Fault(name="knees_caving_in", severity=exercise_pb2.SEVERITY_DANGER, confidence=1)


@dataclass
class CoachProcess:
    """The service as its own process; start it again after a kill."""

    nats_url: str
    database_url: str
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_ports().services["coach"])
    process: asyncio.subprocess.Process | None = None
    log: Path = field(default_factory=lambda: Path(tempfile.mkdtemp()) / "coach.log")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC")}
        environment |= {
            "SPOTTER_NATS_URL": self.nats_url,
            "SPOTTER_DATABASE_URL": self.database_url,
            "SPOTTER_COACH_ADDRESS": self.address,
            **self.extra,
        }
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "svc_coach", env=environment, stdout=log
            )
        async with grpc.aio.insecure_channel(self.address) as channel:
            await asyncio.wait_for(channel.channel_ready(), 30)

    async def stop(self, *, kill: bool = False) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        await self.process.wait()


class Motion:
    """One person, as motion tells of them."""

    def __init__(self, bus: Bus, gym: str) -> None:
        self._bus, self.gym = bus, gym
        self.person_id, self._set_id = new_id(), new_id()
        self._start_ns = time.time_ns()

    async def repetition(self, at_s: float, number: int, *faults: exercise_pb2.Fault) -> events_pb2.Event:
        body = events_pb2.RepetitionCounted(
            set_id=self._set_id,
            person_id=self.person_id,
            camera_id="front",
            exercise="squat",
            number=number,
            range_of_motion_deg=78,
            faults=faults,
        )
        event = events_pb2.Event(meta=self._meta(at_s), repetition_counted=body)
        await self.tell(event)
        return event

    async def best(self, at_s: float, kind: exercise_pb2.BestKind.ValueType, value: float) -> events_pb2.Event:
        body = events_pb2.PersonalBestReached(
            set_id=self._set_id, person_id=self.person_id, exercise="squat", kind=kind, value=value
        )
        event = events_pb2.Event(meta=self._meta(at_s), personal_best_reached=body)
        await self.tell(event)
        return event

    async def alert(self, at_s: float, alert_id: str, *, acknowledged: bool = False) -> events_pb2.Event:
        event = events_pb2.Event(meta=self._meta(at_s))
        if acknowledged:
            known = event.safety_alert_acknowledged
            known.alert_id, known.person_id, known.acknowledged_by = alert_id, self.person_id, "staff"
        else:
            told = event.safety_alert_raised
            told.alert_id, told.person_id, told.told_count = alert_id, self.person_id, 1
        await self.tell(event)
        return event

    async def tell(self, event: events_pb2.Event, again: bool = False) -> None:
        subject = names.event_subject(self.gym, "motion", event.WhichOneof("body") or "", self.person_id)
        if again:  # Past JetStream's own window for duplicates.
            await self._bus._stream.publish(subject, event.SerializeToString())
        else:
            await self._bus.publish(subject, event)

    def _meta(self, at_s: float) -> events_pb2.EventMeta:
        capture = times.to_timestamp(self._start_ns + int(at_s * NS_PER_S))
        return events_pb2.EventMeta(event_id=new_id(), gym_id=self.gym, capture_time=capture, receive_time=capture)


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    async with Bus(MeshSettings(nats_url=nats_url), "test") as connected:
        yield connected


@pytest.fixture
def motion(bus: Bus) -> Motion:
    return Motion(bus, f"gym-{uuid.uuid4().hex[:8]}")


@pytest.fixture
async def coach(nats_url: str, postgres_url: str) -> AsyncIterator[CoachProcess]:
    service = CoachProcess(nats_url, postgres_url)
    yield service
    await service.stop()


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with MessagesApi() as running:
        yield running


async def said(bus: Bus, gym: str, count: int, settle_s: float = 0.0) -> list[events_pb2.Event]:
    """All guidance of a gym, waiting for `count` of them and then `settle_s` for more."""
    found: list[events_pb2.Event] = []

    async def collect() -> None:
        async for stored in bus.replay(names.event_subject(gym, "coach", "guidance_given", "*"), 0):
            found.append(stored.event)
            arrived.set()

    arrived = asyncio.Event()
    task = asyncio.create_task(collect())
    try:
        async with asyncio.timeout(30):
            while len(found) < count:
                await arrived.wait()
                arrived.clear()
        await asyncio.sleep(settle_s)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return found


async def listed(coach: CoachProcess, motion: Motion) -> list[coach_pb2.Guidance]:
    async with grpc.aio.insecure_channel(coach.address) as channel:
        stub = coach_pb2_grpc.CoachServiceStub(channel)
        entries: list[coach_pb2.Guidance] = []
        token = ""
        while True:
            request = coach_pb2.ListGuidanceRequest(
                gym_id=motion.gym, person_id=motion.person_id, page_size=2, page_token=token
            )
            page = await stub.ListGuidance(request)
            entries += page.guidance
            token = page.next_page_token
            if not token:
                return entries


async def test_a_visit_is_coached_and_listed_newest_first(coach: CoachProcess, bus: Bus, motion: Motion) -> None:
    await coach.start()
    first = await motion.repetition(0, 1, SHALLOW, CAVING)
    for number in (2, 3, 4, 5):
        await motion.repetition(number * 3, number, *([SHALLOW] if number == 2 else []))
    events = await said(bus, motion.gym, 3, settle_s=0.5)
    told = [event.guidance_given for event in events]
    assert [(g.kind, g.fault) for g in told] == [
        (events_pb2.GUIDANCE_KIND_CORRECTION, "knees_caving_in"),
        (events_pb2.GUIDANCE_KIND_PRAISE, "knees_caving_in"),
        (events_pb2.GUIDANCE_KIND_MILESTONE, ""),
    ]
    assert events[0].meta.cause_event_id == first.meta.event_id
    assert events[0].meta.capture_time == first.meta.capture_time
    assert told[0].severity == exercise_pb2.SEVERITY_DANGER
    assert not any(g.personalised for g in told)
    assert [g.text for g in await listed(coach, motion)] == [g.text for g in reversed(told)]


async def test_a_personal_best_is_told_once(coach: CoachProcess, bus: Bus, motion: Motion) -> None:
    await coach.start()
    best = await motion.best(30, exercise_pb2.BEST_KIND_SET_REPETITIONS, 12)
    await motion.tell(best, again=True)
    [event] = await said(bus, motion.gym, 1, settle_s=0.5)
    assert event.guidance_given.kind == events_pb2.GUIDANCE_KIND_MILESTONE
    assert "12" in event.guidance_given.text and event.meta.cause_event_id == best.meta.event_id


async def test_nothing_is_said_to_somebody_who_may_need_help_until_it_is_acknowledged(
    coach: CoachProcess, bus: Bus, motion: Motion
) -> None:
    await coach.start()
    beside, alert_id = Motion(bus, motion.gym), new_id()
    raised = await motion.alert(0, alert_id)
    await motion.repetition(1, 1, CAVING)
    await motion.best(2, exercise_pb2.BEST_KIND_SET_REPETITIONS, 12)
    await motion.repetition(40, 5)
    await beside.repetition(41, 1, SHALLOW)
    (other,) = await said(bus, motion.gym, 1, settle_s=0.5)
    assert other.guidance_given.person_id == beside.person_id
    await coach.stop(kill=True)
    await coach.start()
    await motion.repetition(80, 10)
    await motion.alert(85, alert_id, acknowledged=True)
    await motion.tell(raised, again=True)
    await motion.repetition(90, 11, SHALLOW)
    _, spoken = await said(bus, motion.gym, 2, settle_s=0.5)
    assert spoken.guidance_given.person_id == motion.person_id
    assert spoken.guidance_given.fault == "shallow_squat"
    assert len(await listed(coach, motion)) == 1


async def test_what_claude_words_is_not_said_once_there_is_an_alert(
    coach: CoachProcess, bus: Bus, motion: Motion, api: MessagesApi
) -> None:
    api.delay_s = 1.5
    coach.extra = {
        "ANTHROPIC_API_KEY": "key-for-tests",
        "SPOTTER_CLAUDE_BASE_URL": api.url,
        "SPOTTER_CLAUDE_DEADLINE_S": "20",
    }
    await coach.start()
    beside = Motion(bus, motion.gym)
    await motion.repetition(0, 5)
    for _ in range(100):
        if api.requests:
            break
        await asyncio.sleep(0.05)
    await motion.alert(1, new_id())
    await beside.repetition(2, 5)
    (other,) = await said(bus, motion.gym, 1, settle_s=0.5)
    assert other.guidance_given.person_id == beside.person_id
    assert await listed(coach, motion) == []


async def test_redelivery_and_restarts_say_nothing_twice(coach: CoachProcess, bus: Bus, motion: Motion) -> None:
    await coach.start()
    first = await motion.repetition(0, 1, SHALLOW)
    await said(bus, motion.gym, 1)
    await coach.stop(kill=True)
    await motion.tell(first, again=True)
    await motion.repetition(10, 2, CAVING)
    await motion.repetition(31, 3, CAVING)
    await coach.start()
    events = await said(bus, motion.gym, 2, settle_s=1.0)
    assert [event.guidance_given.fault for event in events] == ["shallow_squat", "knees_caving_in"]
    assert len(await listed(coach, motion)) == 2


async def test_claude_words_the_sentence_and_learns_no_id(
    coach: CoachProcess, bus: Bus, motion: Motion, api: MessagesApi
) -> None:
    coach.extra = {"ANTHROPIC_API_KEY": "key-for-tests", "SPOTTER_CLAUDE_BASE_URL": api.url}
    await coach.start()
    event = await motion.repetition(0, 4, SHALLOW)
    (spoken,) = await said(bus, motion.gym, 1, settle_s=0.5)
    assert spoken.guidance_given.text == api.text
    assert spoken.guidance_given.personalised
    assert (await listed(coach, motion))[0].personalised
    repetition = event.repetition_counted
    (request,) = [request for request in api.requests if '\\"number\\": 4' in request]
    for secret in (motion.person_id, motion.gym, repetition.set_id, repetition.camera_id, event.meta.event_id):
        assert secret not in request
    await coach.stop()
    for private in ("key-for-tests", api.text):
        assert private not in coach.log.read_text()


async def test_the_template_goes_out_in_time_when_claude_is_slow_and_others_do_not_wait(
    coach: CoachProcess, bus: Bus, motion: Motion, api: MessagesApi
) -> None:
    api.delay_s = 6
    coach.extra = {"ANTHROPIC_API_KEY": "key-for-tests", "SPOTTER_CLAUDE_BASE_URL": api.url}
    await coach.start()
    everybody = [Motion(bus, motion.gym) for _ in range(5)]
    started = time.monotonic()
    for person in everybody:
        await person.repetition(0, 1, SHALLOW)
    events = await said(bus, motion.gym, 5)
    assert time.monotonic() - started < 5
    assert {event.guidance_given.person_id for event in events} == {person.person_id for person in everybody}
    assert not any(event.guidance_given.personalised for event in events)


async def test_a_crash_while_claude_is_asked_costs_only_the_personal_words(
    coach: CoachProcess, bus: Bus, motion: Motion, api: MessagesApi, postgres_url: str
) -> None:
    api.delay_s = 6
    coach.extra = {
        "ANTHROPIC_API_KEY": "key-for-tests",
        "SPOTTER_CLAUDE_BASE_URL": api.url,
        "SPOTTER_CLAUDE_DEADLINE_S": "20",
    }
    await coach.start()
    await motion.repetition(0, 1, SHALLOW)
    for _ in range(100):
        if any(request for request in api.requests):
            break
        await asyncio.sleep(0.1)
    assert await listed(coach, motion) == []
    await coach.stop(kill=True)
    await coach.start()
    (spoken,) = await said(bus, motion.gym, 1, settle_s=1.0)
    assert not spoken.guidance_given.personalised
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        counted = "SELECT count(*) FROM coach.guidance WHERE gym_id = %s AND said"
        assert connection.execute(counted, [motion.gym]).fetchone() == (1,)


async def test_an_event_that_names_nobody_is_dropped_and_the_next_one_is_heard(
    coach: CoachProcess, bus: Bus, motion: Motion
) -> None:
    await coach.start()
    person_id, motion.person_id = motion.person_id, "nobody"
    await motion.repetition(0, 1, CAVING)
    motion.person_id = person_id
    await motion.repetition(3, 2, SHALLOW)
    (spoken,) = await said(bus, motion.gym, 1)
    assert spoken.guidance_given.fault == "shallow_squat"
    assert "event_failed" not in coach.log.read_text()


async def test_templates_are_listed(coach: CoachProcess) -> None:
    await coach.start()
    async with grpc.aio.insecure_channel(coach.address) as channel:
        stub = coach_pb2_grpc.CoachServiceStub(channel)
        answer = await stub.ListTemplates(coach_pb2.ListTemplatesRequest())
    assert len({template.name for template in answer.templates}) >= 10
    assert all(template.texts for template in answer.templates)
