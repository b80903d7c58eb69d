"""Pictures of the pages for the docs: `python3 run.py bench screenshots --url http://127.0.0.1:8000`.

Needs a running service with its demo, and a Chromium (CHROMIUM or on PATH).
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

BASE = Path(__file__).resolve().parent.parent
FOLDER = BASE / "docs" / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb"]
DESKTOP = {"width": 1100, "height": 900}
PHONE = {"width": 390, "height": 844}
LARGEST_BYTES = 200_000
THINGS = ["kettle", "lantern", "bicycle", "teapot", "ladder", "clock", "drawer", "radio", "hinge", "piano"]


@dataclass(frozen=True, slots=True)
class Look:
    """One way of looking at a page."""

    name: str
    color_scheme: Any
    viewport: Any


LOOKS = (Look("light", "light", DESKTOP), Look("dark", "dark", DESKTOP), Look("phone", "light", PHONE))


def show_front(page: Page, demo: dict[str, Any]) -> None:
    """The list of articles."""
    page.goto(demo["url"])


def show_article(page: Page, demo: dict[str, Any]) -> None:
    """An article from its top."""
    page.goto(demo["thread"])


def show_thread(page: Page, demo: dict[str, Any]) -> None:
    """The comments under it."""
    page.goto(demo["thread"] + "#comments")


def show_reply(page: Page, demo: dict[str, Any]) -> None:
    """The form under the comment that it answers."""
    page.goto(demo["thread"])
    page.get_by_role("link", name="Reply to").nth(1).click()
    page.wait_for_load_state()
    page.evaluate("window.scrollBy(0, -220)")


def show_form_errors(page: Page, demo: dict[str, Any]) -> None:
    """The form after a refused submit."""
    page.goto(demo["thread"])
    page.get_by_label("Comment *").fill("Our café mends on Sundays, and the cake is better.")
    page.get_by_label("Email *").fill("robin at home")
    page.get_by_role("button", name="Post Comment").click()
    page.locator("#respond").evaluate("element => element.scrollIntoView()")


def show_held(page: Page, demo: dict[str, Any]) -> None:
    """The author's view of a comment that waits for a moderator; posted once for all looks."""
    if "held" not in demo:
        demo["held"] = post_held(page, demo)
    page.goto(demo["held"])
    page.locator(".comment-own").evaluate("element => element.scrollIntoView({block: 'center'})")


def sign_and_post(page: Page) -> None:
    """Send the form, by a reader whom the service does not know yet."""
    page.get_by_label("Name *").fill("Robin Ekström")
    page.get_by_label("Email *").fill(f"robin-{os.urandom(3).hex()}@reader.example")
    page.get_by_role("button", name="Post Comment").click()


def post_held(page: Page, demo: dict[str, Any]) -> str:
    """Post a comment with a link and give the address of its author's view."""
    page.goto(demo["thread"])
    things = random.sample(THINGS, 6)  # another text each time, or it would pass for a campaign
    page.get_by_label("Comment *").fill(
        f"We do this in our street too, and wrote down how: https://{things[0]}-{things[1]}.example/start\n\n"
        f"The first Saturday brought a {things[2]}, a {things[3]}, a {things[4]} and half a {things[5]}."
    )
    sign_and_post(page)
    page.wait_for_timeout(2600)  # it reloads itself, once
    return page.url


def show_queue(page: Page, demo: dict[str, Any]) -> None:
    """What waits for a moderator."""
    page.goto(f"{demo['url']}/admin/")
    page.get_by_label("Username").fill(demo["admin"]["username"])
    page.get_by_label("Password").fill(demo["admin"]["password"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Open the queue").click()
    page.wait_for_load_state()


def show_comment(page: Page, demo: dict[str, Any]) -> None:
    """One held comment with all that is known about it."""
    show_queue(page, demo)
    page.locator("a[href^='/admin/queue/0']").nth(1).click()
    page.wait_for_load_state()


def show_thresholds(page: Page, demo: dict[str, Any]) -> None:
    """How strict a site is, could be and would have been."""
    show_site(page, demo)
    page.get_by_role("link", name="Policy and lists").click()
    page.get_by_role("link", name="Choose how strict to be").click()


def show_rule(page: Page, demo: dict[str, Any]) -> None:
    """The form of a rule of the site's own."""
    show_site(page, demo)
    page.get_by_role("link", name="Rules").click()
    page.get_by_role("link", name="Add a rule").click()


def show_site(page: Page, demo: dict[str, Any]) -> None:
    """The settings of the demo site."""
    show_queue(page, demo)
    page.goto(f"{demo['url']}/admin/sites/")
    page.locator("main a[href^='/admin/sites/']").first.click()


# A page of somebody else's; the service's own address stands in for it, so that a comment can be posted.
HOST_PATH = "/a-page-of-somebody-elses"
HOST_PAGE = """<!doctype html><html lang="{language}" dir="{direction}">
<meta charset="utf-8"><title>The toaster</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; background: light-dark(#fdfbf7, #17181a); color: light-dark(#222, #ddd) }}
body {{ font: 18px/1.6 "Liberation Serif", Georgia, serif; max-width: 40rem; margin: 0 auto; padding: 16px }}
comment-thread {{ --comments-accent: light-dark(#7a1f3d, #f0a3bd) }}
</style><script type="module" src="/embed.js" data-key="{key}"></script>
<p>{text}</p><comment-thread url="{thread}"></comment-thread>"""
ENGLISH = (
    "And so the toaster came home, with a new cord and an old dent. Whether it was worth an afternoon of two"
    " people is a sum that nobody at the table wanted to do."
)
ARABIC = (
    "وهكذا عادت محمصة الخبز إلى البيت، بسلك جديد وانبعاج قديم. ولم يشأ أحد أن يحسب إن كان ذلك يستحق العناء."
)


def show_host(page: Page, demo: dict[str, Any], *, is_arabic: bool = False) -> None:
    """The web component in a page with looks of its own."""
    text, language, direction = (ARABIC, "ar", "rtl") if is_arabic else (ENGLISH, "en", "ltr")
    html = HOST_PAGE.format(
        language=language, direction=direction, text=text, key=demo["site_key"], thread=demo["thread"]
    )
    page.route(f"**{HOST_PATH}", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{demo['url']}{HOST_PATH}")
    page.locator("comment-thread form").wait_for()


def show_embed(page: Page, demo: dict[str, Any]) -> None:
    """A thread in somebody else's page."""
    show_host(page, demo)


def show_embed_arabic(page: Page, demo: dict[str, Any]) -> None:
    """The same in a page that is read from right to left."""
    show_host(page, demo, is_arabic=True)


def show_embed_errors(page: Page, demo: dict[str, Any]) -> None:
    """Its form after a refused submit."""
    show_host(page, demo)
    page.get_by_label("Comment *").fill("Our café mends on Sundays, and the cake is better.")
    page.get_by_label("Email *").fill("robin at home")
    page.get_by_role("button", name="Post Comment").click()
    page.locator(".problem").wait_for()
    page.locator(".respond").evaluate("element => element.scrollIntoView()")


def show_embed_held(page: Page, demo: dict[str, Any]) -> None:
    """One's own comment, which waits for a moderator."""
    show_host(page, demo)
    page.wait_for_timeout(3000)  # a link within a second of the form would be a robot's
    things = random.sample(THINGS, 4)
    page.get_by_label("Comment *").fill(
        f"We do this in *our* street too, and wrote down how: https://{things[0]}-{things[1]}.example/start\n\n"
        f"> and half a {things[2]}\n\nThe {things[3]} was mine, by the way."
    )
    sign_and_post(page)
    page.get_by_text("Awaiting moderation: only you can see this").last.wait_for()
    page.locator("li.own").last.evaluate("element => element.scrollIntoView({block: 'center'})")


# Add a page here: its name is the file's.
PAGES: dict[str, Callable[[Page, dict[str, Any]], None]] = {
    "front": show_front,
    "article": show_article,
    "thread": show_thread,
    "reply": show_reply,
    "form-errors": show_form_errors,
    "held": show_held,
    "embed": show_embed,
    "embed-arabic": show_embed_arabic,
    "embed-errors": show_embed_errors,
    "embed-held": show_embed_held,
    "queue": show_queue,
    "comment": show_comment,
    "thresholds": show_thresholds,
    "rule": show_rule,
}


def main() -> None:
    """Takes all pictures, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(PAGES)} (default: all)")
    parser.add_argument("--url", help="where the service runs (default: as the demo says)")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    demo = read_demo(options.url)
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name in options.names or PAGES:
            for look in LOOKS:
                take(browser, name, look, demo, options.folder)
        browser.close()


def read_demo(url: str | None) -> dict[str, Any]:
    """What `manage.py demo --json` says of the running service."""
    command = [sys.executable, str(BASE / "manage.py"), "demo", "--json"]
    demo: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if url:
        demo["thread"] = demo["thread"].replace(demo["url"], url.rstrip("/"))
        demo["url"] = url.rstrip("/")
    return demo


def take(browser: Browser, name: str, look: Look, demo: dict[str, Any], folder: Path) -> None:
    """One picture, of what the window shows."""
    with browser.new_context(color_scheme=look.color_scheme, viewport=look.viewport) as context:
        page = context.new_page()
        PAGES[name](page, demo)
        path = folder / f"{name}-{look.name}.png"
        page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.name:<26}{size / 1000:6.0f} kB{'  too large' if size > LARGEST_BYTES else ''}")


if __name__ == "__main__":
    main()
