"""A page of another origin under a strict content policy, with the component in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# All that a host with the strictest policy has to permit is the service itself.
POLICY = (
    "default-src 'none'; script-src {service}; connect-src {service}; style-src 'self'; base-uri 'none';"
    " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
STYLE = """
body { font: 18px/1.6 Georgia, serif; max-width: 40rem; margin: 0 auto; padding: 16px; }
body { color: #222; background: #fff; }
html.dark { color-scheme: dark; }
html.dark body { color: #ddd; background: #15171a; }
comment-thread.tall { display: block; min-height: 100vh; }
"""
PARAGRAPH = (
    "The harbour reopened on a grey morning, and half the town came down to see whether the old crane would"
    " still turn. It did, on the third try, and the band played louder than it had practised. "
)


@dataclass
class ForeignHost:
    """What it serves: each path is an article; `pages` changes how one is written."""

    service: str
    key: str = ""
    secret: str = ""
    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """As the site's list of hosts has it."""
        return f"localhost:{self.port}"

    def url(self, path: str) -> str:
        """The address of an article."""
        return f"http://{self.host}{path}"

    def write(
        self, path: str, *, attributes: str = "", root: str = 'lang="en"', before: str = "", length: int = 8
    ) -> str:
        """An article with the component below; its address."""
        canonical = escape(self.url(path))
        head = (
            '<meta charset=utf-8><meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>The harbour reopens</title><link rel="canonical" href="{canonical}">'
            '<link rel="stylesheet" href="/style.css">'
            f'<script type="module" async src="{self.service}/embed.js" data-key="{self.key}"></script>'
        )
        article = f"<h1>The harbour reopens</h1>{before}" + f"<p>{PARAGRAPH * 3}</p>" * length
        body = f"<main>{article}<comment-thread {attributes}></comment-thread></main><footer>Imprint</footer>"
        self.pages[path] = f"<!doctype html><html {root}><head>{head}</head><body>{body}</body></html>"
        return self.url(path)


@contextmanager
def serve_foreign(service: str) -> Iterator[ForeignHost]:
    """A web server of somebody else's, until the end of the block."""
    foreign = ForeignHost(service)

    class ForeignHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            is_style = path == "/style.css"
            body = STYLE if is_style else foreign.pages.get(path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", f"text/{'css' if is_style else 'html'}; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY.format(service=service))
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), ForeignHandler) as server:
        foreign.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield foreign
        server.shutdown()
        thread.join()
