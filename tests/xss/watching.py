"""A browser page that tells whatever it does on its own: what runs, asks, leads away or is markup."""

from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

# The vectors call `__x`; the page says aloud that they did, and what its content policy had to stop.
TRIPWIRE = """
Object.defineProperty(window, '__x', {
  get() { console.error('tripwire: a vector ran'); return () => 1; },
  set() { console.error('tripwire: a vector ran'); },
});
addEventListener('securitypolicyviolation', event =>
  console.error(`tripwire: the policy stopped ${event.effectiveDirective} ${event.blockedURI}`), true);
"""
# Markup that no page of ours has, and that no reader's text may bring in.
_LOOK_FOR_MARKUP = Path(__file__).with_name("look_for_markup.js").read_text(encoding="utf-8")


class Watch:
    """One tab of `context`. `caught` is all that it did without being asked to."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.caught: list[str] = []
        self.visits = 0
        context.add_init_script(TRIPWIRE)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._hear)
        self.page.on("dialog", self._refuse)
        self.page.on("pageerror", lambda error: self.caught.append(f"error in the page: {error}"))
        self.page.on("popup", lambda popup: self.caught.append(f"opened {popup.url}"))
        self.page.on("download", lambda download: self.caught.append(f"download of {download.url}"))
        self.page.on("request", self._see)

    def visit(self, path: str, *, inspect: bool = True) -> None:
        """Open a page of the service, and look at what it is made of."""
        self.page.goto(f"{self.url}{path}")
        if inspect:
            self.inspect()

    def inspect(self) -> None:
        """Note the markup that does not belong here, in the page and in its frames."""
        self.visits += 1
        before = self.page.url
        for frame in self.page.frames:
            self.caught += [f"{found} on {self.where}" for found in frame.evaluate(_LOOK_FOR_MARKUP)]
        if self.page.url != before:
            self.caught.append(f"{before} led on to {self.page.url}")

    def settle(self) -> None:
        """Give late handlers (a picture's error, a focus) the time to act."""
        self.page.wait_for_timeout(150)

    @property
    def where(self) -> str:
        """The page's address."""
        return self.page.url

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith("tripwire") or "Content Security Policy" in message.text:
            self.caught.append(f"{message.text} on {self.where}")

    def _refuse(self, dialog: Dialog) -> None:
        self.caught.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _see(self, request: Request) -> None:
        """Anything but our own pages and their files is a request that some text has caused."""
        path = request.url.removeprefix(self.url)
        is_file = path.startswith(("/static/", "/favicon.ico", "/admin/jsi18n/")) or request.url.startswith(
            "data:image/"
        )
        is_page = path != request.url and _is_navigation(request)
        if not (is_file or is_page):
            self.caught.append(f"request for {request.url}")


def _is_navigation(request: Request) -> bool:
    """A page that was opened, or the thread in the frame of a site's own page."""
    is_whole_page = request.frame.parent_frame is None
    return request.is_navigation_request() and (is_whole_page or "/embed/cm_pk_" in request.url)
