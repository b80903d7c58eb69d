"""Addresses of the readers' pages. Public from now on: other sites' pages hold them."""

from django.urls import path

from moderation.embed import frame, newspaper

urlpatterns = [
    path("", newspaper.front_page, name="front"),
    path("articles/<slug:slug>/", newspaper.article_page, name="article"),
    path("articles/<slug:slug>/comments/", newspaper.article_comments, name="article-comments"),
    path("embed/<str:public_key>/thread", frame.thread_frame, name="thread-frame"),
    path("embed/<str:public_key>/comments", frame.frame_comments, name="frame-comments"),
]
