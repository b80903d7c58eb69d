import pytest

from moderation.engine.checks.campaign import Campaign
from moderation.engine.facts import AuthorFacts, CampaignFacts, Crowd
from tests.engine.contexts import run


@pytest.mark.parametrize(
    ("alike", "linked", "code", "points"),
    [
        (Crowd(3, 2, 1), Crowd(), "campaign.cluster", 3.0),
        (Crowd(3, 3, 3), Crowd(9, 9, 9), "campaign.cluster", 3.0),
        (Crowd(5, 2, 2), Crowd(), "campaign.cluster", 5.0),
        (Crowd(40, 30, 3), Crowd(), "campaign.cluster", 6.0),
        (Crowd(1, 1, 1), Crowd(4, 2, 1), "campaign.link", 1.5),
        (Crowd(1, 1, 1), Crowd(90, 70, 9), "campaign.link", 1.5),
        (Crowd(30, 1, 1), Crowd(30, 1, 1), "", 0.0),  # one thread: its readers
        (Crowd(2, 2, 2), Crowd(3, 3, 3), "", 0.0),
        (Crowd(1, 5, 1), Crowd(1, 5, 1), "", 0.0),  # one author
        (Crowd(), Crowd(), "", 0.0),
    ],
)
def test_a_crowd_of_authors_over_threads_is_a_campaign(alike, linked, code, points):
    found = run(Campaign(), campaign=CampaignFacts(alike, linked))
    assert {name: signal.points for name, signal in found.items()} == ({code: points} if code else {})


def test_counts_are_told():
    signal = run(Campaign(), campaign=CampaignFacts(Crowd(7, 5, 2)))["campaign.cluster"]
    assert signal.params == {"authors": 7, "threads": 5, "sites": 2}


def test_authors_with_a_record_are_left_alone():
    campaign = CampaignFacts(Crowd(9, 9, 9), Crowd(9, 9, 9))
    assert run(Campaign(), campaign=campaign, author=AuthorFacts(is_proven=True, published=1)) == {}
    assert run(Campaign(), campaign=campaign, author=AuthorFacts(published=9)) != {}
