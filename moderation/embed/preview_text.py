"""A reader's text as it would be published, for the web component. Nothing is stored."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from moderation.domain.errors import FieldError, InvalidFields
from moderation.domain.fields import FieldRefused, clean_body
from moderation.embed.answers import open_to_scripts, respond_with_data
from moderation.embed.frame import access_site
from moderation.lib.markup import render_body


# It changes nothing, and no reader has any rights here.
@csrf_exempt
@require_POST
@open_to_scripts
def preview_text(request: HttpRequest, public_key: str) -> HttpResponse:
    """The plain text in the body as `{"html": …}`."""
    site = access_site(public_key)
    try:
        text = clean_body(request.body.decode())
    except UnicodeDecodeError:
        raise InvalidFields([FieldError("body", "bad_encoding", "Send it as UTF-8.")]) from None
    except FieldRefused as refused:
        raise InvalidFields([FieldError("body", refused.code, str(refused))]) from None
    response = respond_with_data({"html": render_body(text, site.text_format)})
    response["Cache-Control"] = "no-store"
    return response
