"""The history page of a phone, in a real browser: what it shows, a correction, a file, and a personal best."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mesh.launcher.layout import PROJECT_DIR
from tests.mesh_wide.browser import Browser, Page, find_chromium, launched
from tests.mesh_wide.gym import GYM_ID, RunningGym
from tests.svc_motion.record.diary import NS, Diary, opened

SCREENSHOTS = PROJECT_DIR / "out" / "screenshots"
DAYS_OF_TRAINING = (0, 1, 2, 7, 9, 14, 16, 21, 28)
FIRST_SET = '[data-testid="history-set"]'
TEXT = "document.body.innerText"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium on PATH; install the package chromium")
    if not (PROJECT_DIR / "svc_edge_api" / "web" / "dist" / "index.html").is_file():
        pytest.skip("the web app isn't built; `make web` builds it where Node.js is there")
    with launched(program) as running:
        yield running


async def _train(diary: Diary) -> None:
    """Weeks of training that get better, with a superset every time; the newest day is today."""
    morning = datetime.now(UTC).replace(hour=0, minute=5, second=0, microsecond=0)
    for days_ago in sorted(DAYS_OF_TRAINING, reverse=True):
        start_ns = int((morning - timedelta(days=days_ago)).timestamp()) * NS
        better = 28 - days_ago
        await diary.train(start_ns, "squat", 8 + better // 7, score=70 + better, range_deg=80.0 + better / 2)
        for number, exercise in enumerate(("push_up", "row", "push_up", "row")):
            await diary.train(start_ns + (240 + 50 * number) * NS, exercise, 10 + better // 14, score=75 + better // 2)
        await diary.train(start_ns + 900 * NS, "plank", hold_s=30.0 + better)


async def _arrive(gym: RunningGym, *, best: bool = False, person: list[Diary] | None = None) -> Diary:
    async with opened(gym.mesh.database_url, gym.mesh.nats_url) as office:
        diary = await office.new_diary(GYM_ID)  # type: ignore[arg-type]
        if best and person:
            diary.person_id, diary.count = person[0].person_id, person[0].count
            await diary.train(datetime.now(UTC).strftime("%Y-%m-%dT00:40"), "squat", 30, score=80)
        else:
            await _train(diary)
        return diary


@pytest.mark.timeout(240)
def test_a_phone_shows_the_history_corrects_a_set_and_saves_a_file(gym: RunningGym, browser: Browser) -> None:
    diary = gym.run(_arrive(gym))
    gym.rows(
        "INSERT INTO identity.people (person_id, gym_id, label, first_seen_time, last_seen_time, camera_ids, camera_id,"
        " box) VALUES (%s, %s, 'Person 7', now(), now(), '{front}', 'front', '{0,0,1,1}') RETURNING person_id",
        diary.person_id,
        GYM_ID,
    )
    phone = browser.page(390, 844, phone=True)
    phone.open(f"{gym.mesh.local_url}/#token={gym.mint('member', person_id=diary.person_id)}")
    phone.until("document.querySelector('[data-testid=\"tab-history\"]') !== null")
    phone.click('[data-testid="tab-history"]')
    phone.until("document.querySelector('[data-testid=\"trend\"]') !== null", 60)
    phone.until(f"document.querySelector('{FIRST_SET}') !== null")
    seen = str(phone.evaluate(TEXT))
    for words in ("DAYS IN A ROW", "LAST WEEK BY NOW", "PERSONAL BESTS", "SUPERSET 1", "QUADRICEPS", "NOT TRAINED"):
        assert words in seen.upper(), seen
    _shoot(phone, "history")
    _corrects(phone)
    _saves(phone)
    gym.run(_arrive(gym, best=True, person=[diary]))
    phone.click('[data-testid="tab-live"]')
    said = "document.querySelector('[data-testid=\"guidance\"]').innerText"
    phone.until(f"/best|never/i.test({said})", 60)
    print(f"the coach says: {phone.evaluate(said)}")
    assert phone.problems == []


def _corrects(phone: Page) -> None:
    before = phone.text(FIRST_SET)
    phone.click(f'{FIRST_SET} [data-testid="correct-set"]')
    phone.until("document.querySelector('[data-testid=\"correct-form\"]') !== null")
    amount = int(phone.evaluate("document.querySelector('[data-testid=\"correct-amount\"] b').innerText"))
    phone.click('[data-testid="correct-more"]')
    _shoot(phone, "history_correct", FIRST_SET)
    phone.click('[data-testid="correct-save"]')
    phone.until("document.querySelector('[data-testid=\"measured\"]') !== null")
    after = phone.text(FIRST_SET)
    assert f"{amount + 1} rep" in after and f"{amount} rep" in before and "Spotter saw" in after


def _saves(phone: Page) -> None:
    # A download leaves no trace in the page but what it was made of.
    phone.evaluate(
        "URL.createObjectURL = ((old) => (blob) => { window.saved = blob; return old(blob); })(URL.createObjectURL)"
    )
    for kind, beginning in (("csv", "set_id,day,"), ("json", '{"set_id":')):
        phone.evaluate("window.saved = null")
        phone.click(f'[data-testid="export-{kind}"]')
        phone.until("window.saved !== null", 30)
        text = str(phone.evaluate("window.saved.text()"))
        lines = text.splitlines()
        assert lines[0].startswith(beginning) and len(lines) > 100


def _shoot(phone: Page, name: str, at: str = "body") -> None:
    phone.evaluate(
        f"document.querySelector('{at}').scrollIntoView({{ block: 'center' }})" if at != "body" else "scrollTo(0, 0)"
    )
    phone.screenshot(SCREENSHOTS / f"phone_{name}.png")
