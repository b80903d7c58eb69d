"""The icon that browsers ask every host for."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

# A speech bubble of 32 x 32 pixels in the accent colour: one PNG in an ICO file.
_ICON = Path(__file__).with_name("favicon.ico").read_bytes()
_KEPT_S = 7 * 24 * 3600


@require_safe
def favicon(_: HttpRequest) -> HttpResponse:
    """The icon, kept by browsers for a week."""
    response = HttpResponse(_ICON, content_type="image/x-icon")
    response["Cache-Control"] = f"public, max-age={_KEPT_S}"
    return response
