"""The running service: nothing that it wrote to disk or carries in memory for others shows the address."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import psutil
import pytest
from redis import Redis

from config.local.servers import broker_socket
from tests.canary.needles import Canary, find_leaks
from tests.canary.wiretaps import dump_broker
from tests.stack import LiveStack

pytestmark = pytest.mark.slow

# Stands in the texts, so that a search which does not find it has looked in the wrong place.
MARK = "the-mark-in-the-text"
_SCREENED_WITHIN_S = 20
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def canary() -> Canary:
    return Canary()


@pytest.fixture(scope="module")
def stack(live_stack: LiveStack, canary: Canary) -> LiveStack:
    """The service after the canary came in by both keys and by the form, accepted and refused."""
    made: dict[str, Any] = json.loads(live_stack.manage("demo", "--json"))
    with httpx.Client(base_url=live_stack.url, timeout=20) as client:
        statuses = [answer.status_code for answer in _submit(client, made, canary)]
        assert statuses == [202, 202, 401, 400, 400, 413, 422, 303, 404]
        _wait_until_screened(client, made["api_key"])
    return live_stack


def _submit(client: httpx.Client, made: dict[str, Any], canary: Canary) -> Iterator[httpx.Response]:
    page, address = made["thread"], canary.address
    values = {"thread": {"url": page}, "name": "Ada", "email": address, "body": f"By API: {MARK}."}
    for number, key in enumerate((made["api_key"], made["site_key"], f"cm_sk_{address}")):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"{address} {number}"}
        yield client.post("/api/v1/comments", json=values | {"body": f"{number}: {MARK}."}, headers=headers)
    headers = {"Authorization": f"Bearer {made['api_key']}", "User-Agent": address, "Referer": address}
    yield client.post("/api/v1/comments", json=values | {"email": [address]}, headers=headers)
    yield client.post("/api/v1/comments", content=f'{{"email": "{address}', headers=headers | _AS_JSON)
    yield client.post("/api/v1/comments", content=address * 5000, headers=headers | _AS_JSON)
    token = _TOKEN.search(client.get(page).text)
    assert token is not None
    form = {"author": "Ada", "email": address, "comment": "", "url": "", "form_token": token[1]}
    yield client.post(f"{page}comments/", data=form | {"wp-comment-cookies-consent": "yes"})
    yield client.post(f"{page}comments/", data=form | {"comment": f"By form: {MARK}."})
    yield client.get(f"/nothing/{address}", params={"email": address})


_AS_JSON = {"Content-Type": "application/json"}


def _wait_until_screened(client: httpx.Client, key: str) -> None:
    deadline = monotonic() + _SCREENED_WITHIN_S
    asked = {"headers": {"Authorization": f"Bearer {key}"}, "params": {"status": "screening"}}
    while client.get("/api/v1/comments", **asked).json()["comments"]:  # type: ignore[arg-type]
        assert monotonic() < deadline
        sleep(0.2)


def files_of(stack: LiveStack) -> list[Path]:
    """Everything in `var/`, and what `serve` printed."""
    found = [path for path in stack.var.rglob("*") if path.is_file()]
    return [*found, stack.var.with_name(f"{stack.var.name}-serve.log")]


def test_no_file_of_the_service_holds_it(stack: LiveStack, canary: Canary) -> None:
    leaks, with_text = {}, []
    for path in files_of(stack):
        with suppress(FileNotFoundError):  # PostgreSQL recycles its files
            data = path.read_bytes()
            leaks[str(path)] = find_leaks(data, canary.needles)
            with_text += [path] if MARK.encode() in data else []
    assert not {path: forms for path, forms in leaks.items() if forms}
    assert with_text, "the search sees what is in the database's files"
    assert all(path.is_relative_to(stack.var / "postgres") for path in with_text), "texts stay there too"
    assert any(path.endswith("database.log") for path in leaks)


def test_no_page_shows_it_to_others_after_its_reader_looked(stack: LiveStack, canary: Canary) -> None:
    """Pages are kept in memory; the one with a filled form must not be."""
    made = json.loads(stack.manage("demo", "--json"))
    paths = ["/", made["thread"], f"/embed/{made['site_key']}/thread?url={made['thread']}"]
    paths += [f"/api/v1/sites/{made['site_key']}/thread?url={made['thread']}", "/metrics", "/api/schema/"]
    with httpx.Client(base_url=stack.url, timeout=20) as reader, httpx.Client(base_url=stack.url) as other:
        form = {"author": "Ada", "email": canary.address, "comment": f"Remember me: {MARK}.", "url": ""}
        token = _TOKEN.search(reader.get(made["thread"]).text)
        assert token is not None
        form |= {"form_token": token[1], "wp-comment-cookies-consent": "yes"}
        assert reader.post(f"{made['thread']}comments/", data=form).status_code == 303
        for _ in range(3):
            assert canary.address in reader.get(made["thread"]).text
            for path in paths:
                answer = other.get(path)
                assert answer.status_code == 200, path
                assert not find_leaks(str(answer.headers).encode() + answer.content, canary.needles), path
            sleep(0.4)


def test_no_process_shows_it(stack: LiveStack, canary: Canary) -> None:
    processes = [psutil.Process(stack.process.pid)]
    processes += processes[0].children(recursive=True)
    assert len(processes) >= 6
    for process in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            shown = [Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
            assert not find_leaks(b"\0".join(shown), canary.needles), process


def test_the_broker_does_not_hold_it(stack: LiveStack, canary: Canary) -> None:
    url = f"unix://{broker_socket(stack.var)}?db=0"
    assert Redis.from_url(url, socket_timeout=5).ping()
    assert not find_leaks(dump_broker(url), canary.needles)


def test_a_file_that_leaks_is_caught(stack: LiveStack, canary: Canary) -> None:
    leaking = stack.var / "log" / "leaking.log"
    leaking.write_text(f"looked for {canary.address}")
    try:
        assert leaking in files_of(stack)
        assert find_leaks(leaking.read_bytes(), canary.needles)
    finally:
        leaking.unlink()
