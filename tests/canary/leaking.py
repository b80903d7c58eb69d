"""A service with leaks, to prove that they are found: served to tests only."""

import hashlib
from typing import Any

from django.urls import URLPattern, URLResolver, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.urls import urlpatterns as real_urls
from moderation.models import Contact
from moderation.privacy import vault


class LeakingOutput(serializers.ModelSerializer[Contact]):
    """What must never be written: a serializer that opens the vault."""

    address = serializers.SerializerMethodField()
    avatar = serializers.SerializerMethodField()

    class Meta:
        model = Contact
        fields = ("comment", "address", "avatar")

    def get_address(self, contact: Contact) -> str:
        """The address itself."""
        return vault.unseal(contact.sealed, site_id=contact.site_id, comment_id=contact.comment_id)

    def get_avatar(self, contact: Contact) -> str:
        """The way of avatars by hash, which gives addresses away too."""
        return hashlib.md5(self.get_address(contact).lower().encode()).hexdigest()


class LeakingView(APIView):
    """Shows a contact."""

    authentication_classes = ()
    shown = "address"

    def get(self, request: Request) -> Response:
        """One field of it."""
        data: dict[str, Any] = LeakingOutput(Contact.objects.order_by("pk")[0]).data
        return Response({self.shown: data[self.shown]})


urlpatterns: list[URLPattern | URLResolver] = [
    path("leak/address", LeakingView.as_view(), name="leak-address"),
    path("leak/avatar", LeakingView.as_view(shown="avatar"), name="leak-avatar"),
    path("leak/<str:unheard_of>", LeakingView.as_view(), name="leak-unknown"),
    *real_urls,
]
