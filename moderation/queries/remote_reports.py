"""The outside services of sites, and their answers: for screening, and for asking."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from moderation.domain.remote import (
    AnswerState,
    AskedComment,
    RemoteKind,
    ServiceSettings,
    settings_from_json,
)
from moderation.domain.status import Status
from moderation.engine.facts import AskedService, RemoteFacts, RemoteReport
from moderation.lib.version_cache import VersionCache
from moderation.models import RemoteAnswer, RemoteService, RemoteServiceVersion, Site
from moderation.queries.due_comments import DueComment

MOST_KEPT = 256
_kept: VersionCache[UUID, tuple[AskedService, ...]] = VersionCache(MOST_KEPT)


def load_remote(
    comments: Sequence[DueComment], remote_versions: Mapping[UUID, int]
) -> dict[UUID, RemoteFacts]:
    """For each comment the services of its site and their answers about its revision; comments without
    services are left out.

    No query if no site ever had a service; otherwise one for the answers, and one for services that are new.
    """
    versions = {site_id: version for site_id, version in remote_versions.items() if version}
    if not versions:
        return {}
    services = _kept.load(versions, _load_services)
    asked = [comment for comment in comments if comment.site_id in services]
    reports = _reports([comment.current_revision_id for comment in asked])
    return {
        comment.id: RemoteFacts(
            services[comment.site_id], tuple(reports.get(comment.current_revision_id, ()))
        )
        for comment in asked
    }


def _load_services(versions: Mapping[UUID, int]) -> dict[UUID, tuple[AskedService, ...]]:
    found: dict[UUID, list[AskedService]] = {site_id: [] for site_id in versions}
    rows = RemoteServiceVersion.objects.filter(site_id__in=versions, version=F("service__version"))
    for row in rows.order_by("service_id"):
        settings = settings_from_json(row.settings)
        if settings.is_on:
            found[row.site_id].append(
                AskedService(str(row.service_id), row.version, settings.asks_about, settings.on_failure.value)
            )
    return {site_id: tuple(services) for site_id, services in found.items()}


def _reports(revision_ids: Collection[UUID]) -> dict[UUID, list[RemoteReport]]:
    found: dict[UUID, list[RemoteReport]] = defaultdict(list)
    rows = RemoteAnswer.objects.filter(revision_id__in=revision_ids).order_by("service__kind")
    names = ("revision_id", "service_id", "service__kind", "state", "on_failure", "error", "findings")
    for revision_id, service_id, *rest in rows.values_list(*names):
        found[revision_id].append(RemoteReport(str(service_id), *rest))
    return found


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A question without an answer yet, with everything needed to ask it except secrets."""

    answer_id: int
    site_id: UUID
    comment_id: UUID
    service_id: UUID
    service_version: int
    kind: RemoteKind
    settings: ServiceSettings
    sealed_key: str
    comment: AskedComment


def waiting_questions(comment_ids: Collection[UUID]) -> list[WaitingQuestion]:
    """The questions about the current revisions of those comments that are still being screened."""
    rows = list(
        RemoteAnswer.objects.filter(
            comment_id__in=comment_ids,
            state=AnswerState.WAITING,
            revision_id=F("comment__current_revision_id"),
            comment__status=Status.SCREENING,
        )
        .select_related("comment__thread", "revision", "service", "site")
        .order_by("comment_id", "service__kind")
    )
    settings = _settings_in_force({row.service_id for row in rows})
    return [_read_question(row, settings[row.service_id]) for row in rows]


def _settings_in_force(service_ids: Collection[UUID]) -> dict[UUID, ServiceSettings]:
    if not service_ids:
        return {}
    rows = RemoteServiceVersion.objects.filter(service_id__in=service_ids, version=F("service__version"))
    return {row.service_id: settings_from_json(row.settings) for row in rows}


def _read_question(row: RemoteAnswer, settings: ServiceSettings) -> WaitingQuestion:
    comment = row.comment
    return WaitingQuestion(
        answer_id=row.pk,
        site_id=row.site_id,
        comment_id=row.comment_id,
        service_id=row.service_id,
        service_version=row.service.version,
        kind=RemoteKind(row.service.kind),
        settings=settings,
        sealed_key=row.service.sealed_key,
        comment=AskedComment(
            text=row.revision.body,
            name=comment.author_name,
            website=comment.website,
            network=comment.ip_prefix,
            is_reply=comment.parent_id is not None,
            page_url=comment.thread.url,
            page_title=comment.thread.title,
            submitted_at=comment.submitted_at,
            site_url=_site_url(row.site),
            languages=tuple(row.site.languages),
        ),
    )


def _site_url(site: Site) -> str:
    """The site's address by its first host, always spelt alike, because services know a site by it."""
    return f"https://{site.hosts[0]}/" if site.hosts else ""


@dataclass(frozen=True, slots=True)
class StandingService:
    """A service as its page shows it: the row without its key, and the current settings."""

    row: RemoteService
    settings: ServiceSettings
    has_key: bool


def services_of(site: Site) -> dict[RemoteKind, StandingService]:
    """The services of a site by kind, including those that are switched off."""
    rows = list(RemoteService.objects.filter(site=site))
    settings = _settings_in_force([row.id for row in rows])
    return {
        RemoteKind(row.kind): StandingService(row, settings[row.id], bool(row.sealed_key)) for row in rows
    }


def service_versions(site: Site, kind: RemoteKind) -> list[RemoteServiceVersion]:
    """All settings that a service ever had, the latest first."""
    rows = RemoteServiceVersion.objects.filter(site=site, service__kind=kind).select_related("created_by")
    return list(rows.order_by("-version")[:100])
