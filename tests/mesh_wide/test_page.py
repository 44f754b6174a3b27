"""What people see: the gym page of staff, and the phone of somebody who trains, in a real browser."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from mesh.launcher.layout import PROJECT_DIR
from spotter.edge.v1 import edge_pb2
from spotter_cli.scene import SampleGym
from tests.mesh_wide.browser import Browser, Page
from tests.mesh_wide.gym import RunningGym

CAMERA = "squat-rack"
SCREENSHOTS = PROJECT_DIR / "out" / "screenshots"
CARD = '[data-testid="person-card"]'
COUNT = '[data-testid="rep-count"]'
GUIDANCE = '[data-testid="guidance"]'
COUNTS = f"[...document.querySelectorAll('{CARD} {COUNT}')].map((count) => Number(count.innerText))"
HIGHEST_COUNT = f"Math.max(0, ...{COUNTS})"
SQUATTER = f"[...document.querySelectorAll('{CARD}')].find((card) => card.innerText.includes('Squat'))"
# Pixels of skeletons: strongly coloured ones, of which the drawn room has none to speak of.
COLOURED = """(() => {
  const canvas = document.querySelector('[data-testid="preview-canvas"]');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let bright = 0, drawn = 0;
  for (let i = 0; i < data.length; i += 4) {
    const low = Math.min(data[i], data[i + 1], data[i + 2]), high = Math.max(data[i], data[i + 1], data[i + 2]);
    drawn += high > 20;
    bright += high > 180 && high - low > 90;
  }
  return { drawn: drawn / (data.length / 4), bright };
})()"""
VIDEO_PLAYS = (
    "(() => { const v = document.querySelector('video'); return v && v.readyState >= 2 && v.currentTime > 0; })()"
)


@pytest.fixture(scope="module")
def camera(gym: RunningGym, sample: SampleGym) -> Iterator[str]:
    """The sample gym, again and again."""

    async def attach() -> None:
        async with gym.edge() as staff:
            await staff.attach(sample.video, CAMERA)
            await staff.until_state(CAMERA, "LIVE")

    async def detach() -> None:
        async with gym.edge() as staff:
            await staff.detach(CAMERA)

    gym.run(attach())
    yield CAMERA
    gym.run(detach())


@pytest.mark.timeout(240)
def test_the_page_shows_counts_guidance_skeletons_and_a_phone_can_follow(
    gym: RunningGym, browser: Browser, camera: str
) -> None:
    wall = browser.page(1440, 900)
    wall.open(f"{gym.mesh.local_url}/#token={gym.staff_token}")
    _sees_the_gym(wall)
    person_id = wall.until(f"{SQUATTER}?.dataset.personId", 40)
    phone = browser.page(390, 844, phone=True)
    phone.open(_claim(gym, str(person_id)))
    _follows_on_the_phone(phone)
    wall.screenshot(SCREENSHOTS / "gym.png")
    _sees_statistics_and_clips(phone)
    assert wall.problems == []
    assert phone.problems == []


def _sees_the_gym(wall: Page) -> None:
    wall.until(f"document.querySelectorAll('{CARD}').length >= 2")
    wall.until(f"{COLOURED}.drawn > 0.9 && {COLOURED}.bright > 500")
    before = wall.until(HIGHEST_COUNT, 40)
    wall.until(f"{HIGHEST_COUNT} > {before}", 40)
    said = wall.until(f"[...document.querySelectorAll('{CARD} {GUIDANCE}')].map((p) => p.innerText).find(Boolean)", 60)
    print(f"counts {wall.evaluate(COUNTS)}, the coach says: {said}")
    assert wall.text('[data-testid="connection"]') == "Live"


def _claim(gym: RunningGym, person_id: str) -> str:
    """The address in the QR code of a person."""

    async def ask() -> str:
        async with gym.edge(gym.kiosk_token) as kiosk:
            answer = await kiosk.call("CreateClaimCode", edge_pb2.CreateClaimCodeRequest(person_id=person_id))
            return str(answer.url)

    url = gym.run(ask())
    assert url.startswith(gym.mesh.public_url)
    return url


def _follows_on_the_phone(phone: Page) -> None:
    phone.until(f"document.querySelector('.live-tab {COUNT}') !== null")
    before = int(phone.until(f"document.querySelector('{COUNT}').innerText"))
    phone.until(f"document.querySelector('{COUNT}').innerText !== '{before}'", 40)
    said = phone.until(f"(document.querySelector('{GUIDANCE}.praise, {GUIDANCE}:not(.quiet)') ?? {{}}).innerText", 60)
    print(f"phone: {phone.text('[data-testid=exercise]')}, {phone.text(COUNT)}; the coach says: {said}")
    phone.screenshot(SCREENSHOTS / "phone_live.png")


def _sees_statistics_and_clips(phone: Page) -> None:
    phone.click('[data-testid="tab-statistics"]')
    phone.until("document.querySelector('.tiles dd') !== null && document.querySelector('tr.detail') !== null")
    phone.until("!document.querySelector('.statistics').innerText.includes('Loading')")
    phone.screenshot(SCREENSHOTS / "phone_statistics.png")
    phone.click('[data-testid="tab-replay"]')
    phone.until("""document.querySelector('[data-testid="clip"] button') !== null""", 60)
    phone.click('[data-testid="clip"] button')
    phone.until(VIDEO_PLAYS, 30)
    phone.screenshot(SCREENSHOTS / "phone_replay.png")
    assert uuid.UUID(phone.evaluate("localStorage.getItem('spotter.device')"))
