"""The client of each kind of outside service; a new kind adds a line here."""

from collections.abc import Mapping

from moderation.clients.akismet import Akismet
from moderation.clients.outside import Asker
from moderation.clients.policy_model import PolicyModel
from moderation.domain.remote import RemoteKind

ASKERS: Mapping[RemoteKind, Asker] = {
    RemoteKind.AKISMET: Akismet(),
    RemoteKind.POLICY_MODEL: PolicyModel(),
}
