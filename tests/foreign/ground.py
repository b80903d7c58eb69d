"""Sites and keys, made inside a running service's database.

`python -m tests.foreign.ground` prints them as JSON; it runs with the environment of that service.
"""

import json
from uuid import UUID


def main() -> None:
    """Make all of it through the real flow."""
    import django

    django.setup()
    from moderation.flow.record import SYSTEM
    from moderation.flow.site.settings import NewKey, create_key, create_site, revoke_key
    from moderation.models.key import KeyKind, Scope

    site = create_site("The Evening News", hosts=["news.example"], languages=["en"])
    other = create_site("The Other Paper", hosts=["other.example"], languages=["en"])

    def secret(site_id: UUID, *scopes: Scope) -> NewKey:
        return create_key(site_id, KeyKind.SECRET, actor=SYSTEM, scopes=scopes)

    def akismet(site_id: UUID) -> NewKey:
        return create_key(site_id, KeyKind.AKISMET, actor=SYSTEM)

    gone, gone_akismet = secret(site.id, Scope.SUBMIT), akismet(site.id)
    for key in (gone, gone_akismet):
        revoke_key(key.key.id, site_id=site.id, actor=SYSTEM)
    everything = (Scope.SUBMIT, Scope.READ, Scope.DECIDE)
    made = {
        "secret": secret(site.id, *everything).plain,
        "score": secret(site.id, Scope.SCORE).plain,
        "akismet": akismet(site.id).plain,
        "other_secret": secret(other.id, *everything).plain,
        "other_akismet": akismet(other.id).plain,
        "revoked": gone.plain,
        "revoked_akismet": gone_akismet.plain,
    }
    print(json.dumps(made))


if __name__ == "__main__":
    main()
