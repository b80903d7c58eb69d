"""URLs of the readers' pages. They are public: other sites' pages hold them, so they must not change."""

from django.urls import path, re_path

from moderation.embed import (
    alone,
    challenge,
    fragment,
    frame,
    icon,
    newspaper,
    preview_text,
    scripts,
    thread_counts,
    thread_data,
)

urlpatterns = [
    path("", newspaper.front_page, name="front"),
    path("articles/challenge.json", newspaper.article_challenge, name="article-challenge"),
    path("articles/<slug:slug>/", newspaper.article_page, name="article"),
    path("articles/<slug:slug>/comments/", newspaper.article_comments, name="article-comments"),
    path("embed/<str:public_key>/thread", frame.thread_frame, name="thread-frame"),
    path("embed/<str:public_key>/thread.json", thread_data.thread_data, name="thread-data"),
    path("embed/<str:public_key>/counts.json", thread_counts.thread_counts, name="thread-counts"),
    path("embed/<str:public_key>/challenge.json", challenge.challenge, name="challenge"),
    path("embed/<str:public_key>/comments", frame.frame_comments, name="frame-comments"),
    path("embed/<str:public_key>/fragment", fragment.thread_fragment, name="thread-fragment"),
    path("embed/<str:public_key>/page", alone.thread_alone, name="thread-alone"),
    path("embed/<str:public_key>/page/comments", alone.alone_comments, name="alone-comments"),
    path("favicon.ico", icon.favicon, name="favicon"),
    path("embed/<str:public_key>/preview", preview_text.preview_text, name="preview-text"),
    re_path(r"^(?P<name>embed(?:-[a-z]+)?\.js)$", scripts.embed_script, name="embed-script"),
]
