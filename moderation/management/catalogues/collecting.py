"""Where readers' messages stand in the repository."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from moderation.management.catalogues.message import MarkedMessage
from moderation.management.catalogues.python_messages import read_python
from moderation.management.catalogues.template_messages import read_template

BASE: Path = settings.BASE_DIR
CODE = ("moderation", "config")
TEMPLATES = BASE / "moderation" / "templates" / "embed"


def collect_messages() -> list[MarkedMessage]:
    """Every marked message once per place, in the order of their places."""
    found: dict[MarkedMessage, None] = {}
    for path in sorted(path for folder in CODE for path in (BASE / folder).rglob("*.py")):
        found |= dict.fromkeys(read_python(path.read_text(encoding="utf-8"), _place_of(path)))
    for path in template_paths():
        found |= dict.fromkeys(read_template(path.read_text(encoding="utf-8"), _place_of(path)))
    return list(found)


def template_paths() -> Iterable[Path]:
    """The templates of readers' pages."""
    return sorted(TEMPLATES.glob("*.html"))


def _place_of(path: Path) -> str:
    return path.relative_to(BASE).as_posix()
