"""Which service's clients call a path, so that what no view answers is refused in that service's shape."""

from moderation.compat.akismet.answers import shape_refusal_as_akismet
from moderation.compat.cleantalk.answers import shape_refusal_as_cleantalk
from moderation.compat.coral.answers import shape_refusal_as_coral
from moderation.compat.openai_moderations.errors import shape_refusal_as_openai
from moderation.compat.perspective.errors import shape_refusal_as_google
from moderation.compat.refusing import RefusalShape, ShapedRefusal

# The beginning of a path, and the shape of what is refused there.
SHAPES: tuple[tuple[str, RefusalShape], ...] = (
    ("/v1alpha1/", shape_refusal_as_google),
    ("/$discovery/", shape_refusal_as_google),
    ("/discovery/", shape_refusal_as_google),
    ("/1.1/", shape_refusal_as_akismet),
    ("/1.2/", shape_refusal_as_akismet),
    ("/v1/moderations", shape_refusal_as_openai),
    ("/compat/cleantalk", shape_refusal_as_cleantalk),
    ("/compat/coral", shape_refusal_as_coral),
)


def shape_refusal(path: str, *, status: int, code: str, detail: str) -> ShapedRefusal | None:
    """The refusal in the shape of the service that is called at `path`; None for any other path."""
    for prefix, shape in SHAPES:
        if path.startswith(prefix):
            return shape(status, code, detail)
    return None
