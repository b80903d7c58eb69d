"""Addresses of the desk; each view is guarded by `ModerationAdminSite`."""

from django.urls import path

from moderation.admin.desk import dossier, views

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/decide/", views.decide_picked, name="queue-decide"),
    path("queue/undo/", views.undo_last, name="queue-undo"),
    path("queue/<uuid:comment_id>/", dossier.comment_page, name="queue-comment"),
    path("queue/<uuid:comment_id>/undo/", dossier.undo_one, name="queue-comment-undo"),
    path("queue/<uuid:comment_id>/reveal/", dossier.reveal, name="queue-reveal"),
]
