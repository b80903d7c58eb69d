"""A site, its key and its moderator, made inside a running service's database.

`python -m tests.faults.ground` prints what was made as JSON; it runs with the environment of that service.
"""

import json

PASSWORD = "correct horse battery"
HOST = "news.example"


def main() -> None:
    """Make all of it through the real flow."""
    import django

    django.setup()
    from django.contrib.auth.models import User

    from moderation.flow.record import SYSTEM
    from moderation.flow.site.settings import create_key, create_site, set_role
    from moderation.models.key import KeyKind, Scope
    from moderation.models.role import NotifyMode, RoleName

    site = create_site("The Evening News", hosts=[HOST], languages=["en"])
    moderator = User.objects.create_user("mo", "mo@news.example", PASSWORD, is_staff=True)
    set_role(site.id, moderator, RoleName.MODERATOR, actor=SYSTEM, notify=NotifyMode.EACH)
    scopes = [Scope.SUBMIT, Scope.READ, Scope.DECIDE]
    key = create_key(site.id, KeyKind.SECRET, actor=SYSTEM, label="Tests", scopes=scopes)
    public = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM, label="Pages")
    made = {
        "site": str(site.id),
        "key": key.plain,
        "public": public.plain,
        "moderator": moderator.pk,
    }
    print(json.dumps(made))


if __name__ == "__main__":
    main()
