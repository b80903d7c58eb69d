"""The text that a person reads once the service runs: the address of each part."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_WIDTH = 14


def build_banner(url: str, var: Path, demo: Mapping[str, Any] | None, *, has_mail_server: bool) -> str:
    """One line per place. `demo` is what `manage.py demo --json` printed."""
    lines = [("Admin", f"{url}/admin/"), ("API", f"{url}/api/docs/")]
    if demo is not None:
        lines.insert(0, ("Demo article", str(demo["thread"])))
        admin = demo["admin"]
        lines.append(("Log in as", f"{admin['username']}, password {admin['password']}"))
    else:
        lines.append(("Log in", "make an account with `python3 run.py manage createsuperuser`"))
    lines.append(("Mails", "by your mail server" if has_mail_server else f"land in {var / 'mail'}"))
    lines.append(("Logs", f"land in {var / 'log'}"))
    body = "\n".join(f"  {name:<{_WIDTH}}{place}" for name, place in lines)
    return f"\nThe service runs. Ctrl-C stops it.\n\n{body}\n"
