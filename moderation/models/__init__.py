"""The state: one model per file."""

from moderation.models.audit import AuditEvent, AuditLink, AuditSeal
from moderation.models.author import Author
from moderation.models.backtest import Backtest
from moderation.models.comment import Comment, Revision
from moderation.models.contact import Contact
from moderation.models.coral_phase import CoralPhase
from moderation.models.decision import Decision
from moderation.models.delivery import Delivery
from moderation.models.domain import CampaignKey, DomainLabel, DomainRecord
from moderation.models.idempotency import IdempotencyKey
from moderation.models.job import Job, JobHeartbeat
from moderation.models.key import SiteKey
from moderation.models.late_verdict import LateVerdict
from moderation.models.policy import PolicyVersion
from moderation.models.remote_service import RemoteAnswer, RemoteService, RemoteServiceVersion
from moderation.models.review import ReviewItem
from moderation.models.role import Role
from moderation.models.rule import Rule, RuleMatch, RuleVersion
from moderation.models.screening import Fingerprint, Screening
from moderation.models.second_factor import SealedSeed
from moderation.models.site import Site
from moderation.models.thread import Thread
from moderation.models.training_example import SiteFilter, StoredExample
from moderation.models.used_challenge import UsedChallenge

__all__ = [
    "AuditEvent",
    "AuditLink",
    "AuditSeal",
    "Author",
    "Backtest",
    "CampaignKey",
    "Comment",
    "Contact",
    "CoralPhase",
    "Decision",
    "Delivery",
    "DomainLabel",
    "DomainRecord",
    "Fingerprint",
    "IdempotencyKey",
    "Job",
    "JobHeartbeat",
    "LateVerdict",
    "PolicyVersion",
    "RemoteAnswer",
    "RemoteService",
    "RemoteServiceVersion",
    "ReviewItem",
    "Revision",
    "Role",
    "Rule",
    "RuleMatch",
    "RuleVersion",
    "Screening",
    "SealedSeed",
    "Site",
    "SiteFilter",
    "SiteKey",
    "StoredExample",
    "Thread",
    "UsedChallenge",
]
