"""A database that is down, hangs, or takes no more connections: 503 and nothing else, then all is well."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from html import unescape

import httpx
import psutil
import psycopg
import pytest

from config.local.postgres import DATABASE, ROLE
from config.local.servers import database_socket_folder
from tests.embed.forms import hidden_inputs
from tests.faults.chaos.scene import Scene, send, wait_until
from tests.faults.posting import Posts, post_for, wait_until_screened

pytestmark = pytest.mark.faults

BACK_WITHIN_S = 5.0
ARTICLE = "/articles/the-ferry-that-waits/"
TYPED = {
    "comment": "Kept <b>while</b> it is away & after.",
    "author": "W",
    "email": "w@down.example",
    "url": "",
}


@pytest.fixture(autouse=True)
def well(scene: Scene) -> None:
    """Each test begins with a service that works."""
    wait_until(lambda: post_for(scene, 0.1, threads=1).ids, within_s=60)


@contextmanager
def stopped(scene: Scene) -> Iterator[None]:
    """PostgreSQL stops at once, and nobody starts it again: its supervisor is asleep."""
    supervisor = psutil.Process(scene.stack.process.pid)
    (postgres,) = scene.programs("postgres")
    send(supervisor, signal.SIGSTOP)
    try:
        send(postgres, signal.SIGQUIT)
        yield
    finally:
        send(supervisor, signal.SIGCONT)


@contextmanager
def paused(scene: Scene) -> Iterator[None]:
    """PostgreSQL says nothing more, and ends no connection."""
    (postgres,) = scene.programs("postgres")
    processes = [postgres, *postgres.children()]
    try:
        for process in processes:
            send(process, signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            send(process, signal.SIGCONT)


@contextmanager
def crowded(scene: Scene) -> Iterator[None]:
    """Others hold all connections that the server gives, and the service has lost its own."""
    with ExitStack() as held, scene.connect() as superuser:
        for _ in range(40):
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = %s AND application_name = 'moderation'",
                [ROLE],
            )
            with suppress(psycopg.OperationalError):
                while True:
                    held.enter_context(connect_as_service(scene))
        yield


def connect_as_service(scene: Scene) -> psycopg.Connection[tuple[object, ...]]:
    folder = database_socket_folder(scene.stack.var)
    return psycopg.connect(host=str(folder), dbname=DATABASE, user=ROLE, connect_timeout=2)


@pytest.mark.parametrize("trouble", [stopped, paused, crowded])
def test_while_the_database_is_away_posts_get_503_and_nothing_else(scene: Scene, trouble) -> None:
    with httpx.Client(base_url=scene.stack.url, timeout=30) as reader:
        before = reader.get(ARTICLE)
        hidden = hidden_inputs(before.text)
        programs = {process.pid for process in scene.programs("granian", "worker-", "run_jobs")}
        with trouble(scene):
            time.sleep(0.5)
            posts = post_for(scene, 4, threads=4)
            form = reader.post(f"{ARTICLE}comments/", data=hidden | TYPED)
            page = reader.get(ARTICLE)
            alive = reader.get("/livez")
        check_refused(posts)
        check_form_kept(form)
        assert page.status_code == 200, "the copy in memory is sent on"
        assert page.text == before.text
        assert alive.status_code == 200
        wait_until(lambda: scene.ask("SELECT 1"), within_s=60)  # its own recovery is not ours
        assert wait_until(lambda: post_for(scene, 0.1, threads=1).ids, within_s=30) <= BACK_WITHIN_S
        again = post_for(scene, 1)
        assert again.statuses == {202}
        wait_until_screened(scene, again.ids, within_s=30)
        assert {p.pid for p in scene.programs("granian", "worker-", "run_jobs")} == programs, "nobody crashed"


def check_refused(posts: Posts) -> None:
    assert posts.posts
    assert posts.statuses == {503}
    assert {post.kind for post in posts.posts} == {"application/problem+json"}
    assert all(int(post.retry_after) >= 1 for post in posts.posts)


def check_form_kept(form: httpx.Response) -> None:
    assert form.status_code == 503
    assert int(form.headers["retry-after"]) >= 1
    assert f"{TYPED['comment']}</textarea>" in unescape(form.text)
