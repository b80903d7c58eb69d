"""URLs of the readers' pages. They are public: other sites' pages hold them, so they must not change."""

from django.urls import path

from moderation.embed import challenge, frame, newspaper, thread_data

urlpatterns = [
    path("", newspaper.front_page, name="front"),
    path("articles/challenge.json", newspaper.article_challenge, name="article-challenge"),
    path("articles/<slug:slug>/", newspaper.article_page, name="article"),
    path("articles/<slug:slug>/comments/", newspaper.article_comments, name="article-comments"),
    path("embed/<str:public_key>/thread", frame.thread_frame, name="thread-frame"),
    path("embed/<str:public_key>/thread.json", thread_data.thread_data, name="thread-data"),
    path("embed/<str:public_key>/challenge.json", challenge.challenge, name="challenge"),
    path("embed/<str:public_key>/comments", frame.frame_comments, name="frame-comments"),
]
