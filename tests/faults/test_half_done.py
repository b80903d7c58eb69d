"""Work of many steps is killed in the middle: mails, key rotation, purge, bulk decisions, learning."""

import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from functools import partial
from html import unescape
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

import httpx
import pytest

from moderation.lib.uuid7 import uuid7
from moderation.privacy.cipher import Place, parse_key_ring, sealed_by, unseal_value
from tests.faults.armed import FORMER_KEY, KILLS, NEWEST_KEY
from tests.faults.effects import check_counters
from tests.faults.ground import PASSWORD
from tests.faults.service import ArmedService, wait_for
from tests.stack import BASE

pytestmark = pytest.mark.faults

# Unlike one another: four alike with a link would be a campaign.
LINKS = (
    "They say the opposite in https://city.example/rents though.",
    "My neighbour, who knows the ferry well, wrote https://harbour.example/tides about it.",
    "Has anybody compared this with what https://school.example/meals found last winter?",
    "I would rather believe the old map at https://maps.example/valley than this one.",
)
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_PICK = re.compile(r'value="([0-9a-f-]{36}:\d+)"')


def test_a_mail_is_sent_again_under_the_same_id_and_marked_once(service: ArmedService) -> None:
    deliveries = [_ask_for_mail(service) for _ in range(KILLS)]
    for number in range(KILLS):
        service.order("notify.sent")
        service.query(
            "INSERT INTO job (kind, site_id, subject_id) VALUES ('mail', %s, %s)",
            [service.made["site"], deliveries[number]],
        )
        assert service.was_carried_out("notify.sent", number, within_s=30)
    service.let_leases_end("mail")
    wait_for(
        lambda: set(_states(service, deliveries)) == {"sent"},
        within_s=40,
        what="all mails are marked as sent",
    )
    sent = _sent_ids(service.stack.var / "mail")
    for delivery in deliveries:
        assert [each for each in sent if str(delivery) in each] == [f"<{delivery}@127.0.0.1>"] * 2
    assert service.query("SELECT 1 FROM job WHERE kind = 'mail'") == []


def test_a_rotation_of_keys_may_die_at_any_step(service: ArmedService) -> None:
    for _ in range(KILLS * 2 + 1):
        service.submit()
    environment = dict(service.stack.environment) | {"EMAIL_KEYS": f"{NEWEST_KEY},{FORMER_KEY}"}
    command = [sys.executable, "manage.py", "rotate_email_keys", "--step", "2"]
    for number in range(KILLS):
        service.order("rotate.before_commit", "pass")
        service.order("rotate.before_commit", "kill")
        ended = subprocess.run(
            command, cwd=BASE, env=environment, check=False, capture_output=True, timeout=60
        )
        assert ended.returncode == -signal.SIGKILL
        keys = Counter(_open_addresses(service))
        assert keys["newest"] == 2 * (number + 1)
        assert keys["former"] > 0
    subprocess.run(command, cwd=BASE, env=environment, check=True, capture_output=True, timeout=60)
    assert set(_open_addresses(service)) == {"newest"}


def test_a_purge_that_dies_half_way_has_removed_nothing(service: ArmedService) -> None:
    for _ in range(KILLS):
        comment_id = service.submit().comment_id
        service.wait_until_screened([comment_id])
        for table in ("contact", "idempotency_key"):
            statement = f"UPDATE {table} SET created_at = now() - interval '400 days' WHERE comment_id = %s"
            service.query(statement, [comment_id])
        before = service.carried_out("purge.half_way")
        service.order("purge.half_way", "kill", "contact")
        service.query("UPDATE job SET due_at = now() WHERE kind = 'purge'")
        assert service.was_carried_out("purge.half_way", before, within_s=30)
        assert _purgeable(service, comment_id) == [(1, 1)]
        service.let_leases_end("purge")
        is_purged = partial(_is_purged, service, comment_id)
        wait_for(is_purged, within_s=30, what="the purge is done")


def test_a_bulk_decision_is_made_for_all_or_for_none(service: ArmedService) -> None:
    comments = [
        service.submit(link, email=f"new{n}@reader.example").comment_id for n, link in enumerate(LINKS)
    ]
    service.wait_until_screened(comments)
    assert set(service.statuses(comments).values()) == {"held"}
    with httpx.Client(base_url=service.stack.url, timeout=20, follow_redirects=True) as browser:
        _log_in(browser)
        for _ in range(KILLS):
            before = service.carried_out("decide.half_way")
            service.order("decide.half_way", "kill", "person")
            with suppress(httpx.TransportError):
                _reject_all(browser, comments)
            _wait_for_web(browser)
            assert service.carried_out("decide.half_way") == before + 1
            assert set(service.statuses(comments).values()) == {"held"}
            assert _persons_decisions(service, comments) == 0
        assert _reject_all(browser, comments).status_code == 200
    assert set(service.statuses(comments).values()) == {"rejected"}
    assert _persons_decisions(service, comments) == len(comments)
    check_counters(service)


def test_a_site_that_dies_while_it_learns_learns_all_the_same(service: ArmedService) -> None:
    for _ in range(KILLS):
        comment = service.submit().comment_id
        service.wait_until_screened([comment])
        before = service.carried_out("learn.inside_finish")
        service.order("learn.inside_finish")
        _reject(service, comment)
        assert service.was_carried_out("learn.inside_finish", before, within_s=30)
        assert _examples(service, comment) == 0
        service.let_leases_end("learn")
        wait_for(partial(_is_learned, service, comment), within_s=30, what="the decision is learned")
    assert service.query("SELECT 1 FROM job WHERE kind = 'learn' AND state = 'dead'") == []


def _reject(service: ArmedService, comment: UUID) -> None:
    headers = {"Authorization": f"Bearer {service.made['key']}"}
    url = f"{service.stack.url}/api/v1/comments/{comment}/decisions"
    act = {"action": "reject", "reason": "insult"}
    assert httpx.post(url, json=act, headers=headers, timeout=15).status_code < 300


def _examples(service: ArmedService, comment: UUID) -> int:
    return int(service.query("SELECT count(*) FROM training_example WHERE comment_id = %s", [comment])[0][0])


def _is_learned(service: ArmedService, comment: UUID) -> bool:
    return _examples(service, comment) == 1


def _wait_for_web(browser: httpx.Client) -> None:
    """Until the killed web server has a successor; the supervisor's pauses grow from kill to kill."""
    deadline = monotonic() + 60
    while True:
        try:
            browser.get("/livez")
        except httpx.TransportError:
            assert monotonic() < deadline
            sleep(0.1)
        else:
            return


def _ask_for_mail(service: ArmedService) -> UUID:
    """A delivery to the moderator, still without its job."""
    delivery = uuid7()
    service.query(
        "INSERT INTO delivery (id, site_id, recipient_id, kind, data, state, attempts, last_error)"
        """ VALUES (%s, %s, %s, 'held', '{"count": 1}', 'pending', 0, '')""",
        [delivery, service.made["site"], service.made["moderator"]],
    )
    return delivery


def _states(service: ArmedService, deliveries: list[UUID]) -> list[str]:
    return [row[0] for row in service.query("SELECT state FROM delivery WHERE id = ANY(%s)", [deliveries])]


def _sent_ids(folder: Path) -> list[str]:
    return re.findall(
        r"^Message-ID: (.*)$", "".join(each.read_text() for each in folder.iterdir()), re.MULTILINE
    )


def _open_addresses(service: ArmedService) -> list[str]:
    """The key of each address, after it was opened with either key."""
    ring = parse_key_ring([FORMER_KEY, NEWEST_KEY])
    rows = service.query("SELECT site_id, comment_id, sealed FROM contact WHERE sealed <> ''")
    for site_id, comment_id, sealed in rows:
        address = unseal_value(sealed, ring=ring, place=Place("email", site_id, comment_id))
        assert address.endswith("@reader.example")
    return [sealed_by(sealed) for _, _, sealed in rows]


def _purgeable(service: ArmedService, comment_id: UUID) -> list[tuple[int, ...]]:
    """How many addresses and remembered keys of a comment there are."""
    return service.query(
        """SELECT (SELECT count(*) FROM contact WHERE comment_id = %s),
                  (SELECT count(*) FROM idempotency_key WHERE comment_id = %s)""",
        [comment_id, comment_id],
    )


def _is_purged(service: ArmedService, comment_id: UUID) -> bool:
    return _purgeable(service, comment_id) == [(0, 0)]


def _persons_decisions(service: ArmedService, comments: list[UUID]) -> int:
    statement = "SELECT count(*) FROM decision WHERE actor_kind = 'person' AND comment_id = ANY(%s)"
    return int(service.query(statement, [comments])[0][0])


def _log_in(browser: httpx.Client) -> None:
    page = browser.get("/admin/login/")
    typed = {"username": "mo", "password": PASSWORD, "csrfmiddlewaretoken": _csrf(page.text)}
    assert browser.post("/admin/login/", data=typed).status_code == 200
    assert "session" in browser.cookies


def _reject_all(browser: httpx.Client, comments: list[UUID]) -> httpx.Response:
    """Pick all in the queue and press the button, again until a web process shows the queue."""
    wait_for(lambda: _answers(browser), within_s=20, what="a web process answers")
    page = browser.get("/admin/queue/")
    picks = [pick for pick in _PICK.findall(page.text) if UUID(pick.split(":")[0]) in comments]
    typed = {"bulk": "1", "pick": sorted(set(picks)), "act": "reject:off_topic"}
    return browser.post("/admin/queue/decide/", data=typed | {"csrfmiddlewaretoken": _csrf(page.text)})


def _answers(browser: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return browser.get("/livez").status_code == 200
    return False


def _csrf(page: str) -> str:
    found = _TOKEN.search(page)
    assert found is not None, page[:500]
    return unescape(found[1])
