"""The addresses under `/api/`."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from moderation.api.comments import CommentsView, CommentView
from moderation.api.decisions import DecideManyView, DecideView, ReasonsView, UndoView
from moderation.api.documentation import DocumentationView, SchemaView
from moderation.api.threads import FormTokenView, PublicThreadView, ThreadByNameView, ThreadView
from moderation.api.view import UnknownPathView

app_name = "api"

urlpatterns = [
    path("v1/comments", CommentsView.as_view(), name="comments"),
    path("v1/comments/<uuid:comment_id>", CommentView.as_view(), name="comment"),
    path("v1/comments/<uuid:comment_id>/decisions", DecideView.as_view(), name="decide"),
    path("v1/decisions", DecideManyView.as_view(), name="decide_many"),
    path("v1/decisions/<uuid:decision_id>/undo", UndoView.as_view(), name="undo"),
    path("v1/reasons", ReasonsView.as_view(), name="reasons"),
    path("v1/sites/<str:public_key>/thread", PublicThreadView.as_view(), name="public_thread"),
    path("v1/sites/<str:public_key>/form-token", FormTokenView.as_view(), name="form_token"),
    path("v1/thread", ThreadByNameView.as_view(), name="thread_by_name"),
    path("v1/threads/<uuid:thread_id>", ThreadView.as_view(), name="thread"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocumentationView.as_view(), name="docs"),
    path(
        "docs",
        RedirectView.as_view(pattern_name="api:docs", http_method_names=["get", "head", "options"]),
    ),
    re_path(r"", UnknownPathView.as_view(), name="unknown"),  # anything, including line breaks
]
