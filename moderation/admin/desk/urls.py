"""Addresses of the desk; each view is guarded by `ModerationAdminSite`."""

from django.urls import path

from moderation.admin.desk import acts, dossier, lists

urlpatterns = [
    path("queue/", lists.queue, name="queue"),
    path("queue/decide/", acts.decide_picked, name="queue_decide"),
    path("queue/undo/", acts.undo_last, name="queue_undo"),
    path("queue/<uuid:comment_id>/", dossier.comment_page, name="queue_item"),
    path("queue/<uuid:comment_id>/undo/", acts.undo_one, name="queue_item_undo"),
    path("queue/<uuid:comment_id>/reveal/", dossier.reveal, name="queue_reveal"),
]
