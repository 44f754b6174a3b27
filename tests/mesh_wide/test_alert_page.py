"""A fall, from the keypoints to the screen of staff and back: alert, reload, reminder, "I am on it"."""

from __future__ import annotations

import grpc
import pytest

from mesh.ids import new_id
from mesh.launcher.layout import PROJECT_DIR
from spotter.motion.v1 import motion_pb2_grpc
from tests.mesh_wide.browser import Browser, Page
from tests.mesh_wide.gym import GYM_ID, RunningGym
from tests.svc_motion.safety.test_alerts import frames_of
from tests.svc_motion.test_service import follow

SCREENSHOTS = PROJECT_DIR / "out" / "screenshots"
ALERT, ON_IT = '[data-testid="alert"]', '[data-testid="acknowledge"]'
SHOWN = f"document.querySelector('{ALERT}') !== null"
GONE = f"document.querySelector('{ALERT}') === null"
LIVE = """document.querySelector('[data-testid="connection"]')?.innerText === 'Live'"""


async def fall(gym: RunningGym, person_id: str) -> None:
    """Somebody falls in front of a camera, as vision tells it."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{gym.mesh.ports.services['motion']}") as channel:
        await follow(motion_pb2_grpc.MotionServiceStub(channel), GYM_ID, frames_of(person_id), end=True)


def staff_screen(gym: RunningGym, browser: Browser, width_px: int = 1440) -> Page:
    page = browser.page(width_px, 900)
    page.open(f"{gym.mesh.local_url}/#token={gym.staff_token}")
    page.until(LIVE)
    return page


@pytest.mark.timeout(180)
def test_staff_see_a_fall_at_once_and_after_a_reload_until_one_of_them_is_on_it(
    gym: RunningGym, browser: Browser
) -> None:
    wall, other = staff_screen(gym, browser), staff_screen(gym, browser, 800)
    kiosk = browser.page(1440, 900)
    kiosk.open(f"{gym.mesh.local_url}/#token={gym.kiosk_token}")
    kiosk.until(LIVE)
    person_id = new_id()
    gym.run(fall(gym, person_id))
    for page in (wall, other):
        page.until(SHOWN, 10)
        assert "may have fallen" in page.text(ALERT)
        assert "front" in page.text(ALERT)
    wall.screenshot(SCREENSHOTS / "alert.png")
    assert kiosk.evaluate(GONE)
    wall.call("Page.reload")
    wall.until(f"{LIVE} && {SHOWN}", 15)
    wall.click(ON_IT)
    for page in (wall, other):
        page.until(GONE, 10)
    rows = gym.rows("SELECT acknowledged_by, told_count FROM motion.alerts WHERE person_id = %s", person_id)
    assert rows[0][0] == "staff"
    other.call("Page.reload")
    other.until(LIVE, 15)
    assert other.evaluate(GONE)
    assert wall.problems == []
