import pytest

from moderation.engine.checks.campaign import Campaign
from moderation.engine.facts import AuthorFacts, CampaignFacts, Cluster
from tests.engine.contexts import run


@pytest.mark.parametrize(
    ("alike", "linked", "code", "points"),
    [
        (Cluster(3, 2, 1), Cluster(), "campaign.cluster", 3.0),
        (Cluster(3, 3, 3), Cluster(9, 9, 9), "campaign.cluster", 3.0),
        (Cluster(5, 2, 2), Cluster(), "campaign.cluster", 5.0),
        (Cluster(40, 30, 3), Cluster(), "campaign.cluster", 6.0),
        (Cluster(1, 1, 1), Cluster(4, 2, 1), "campaign.link", 1.5),
        (Cluster(1, 1, 1), Cluster(90, 70, 9), "campaign.link", 1.5),
        (Cluster(30, 1, 1), Cluster(30, 1, 1), "", 0.0),  # one thread: its readers
        (Cluster(2, 2, 2), Cluster(3, 3, 3), "", 0.0),
        (Cluster(1, 5, 1), Cluster(1, 5, 1), "", 0.0),  # one author
        (Cluster(), Cluster(), "", 0.0),
    ],
)
def test_a_cluster_of_authors_over_threads_is_a_campaign(alike, linked, code, points):
    found = run(Campaign(), campaign=CampaignFacts(alike, linked))
    assert {name: signal.points for name, signal in found.items()} == ({code: points} if code else {})


def test_counts_are_told():
    signal = run(Campaign(), campaign=CampaignFacts(Cluster(7, 5, 2)))["campaign.cluster"]
    assert signal.params == {"authors": 7, "threads": 5, "sites": 2}


def test_authors_with_a_record_are_left_alone():
    campaign = CampaignFacts(Cluster(9, 9, 9), Cluster(9, 9, 9))
    assert run(Campaign(), campaign=campaign, author=AuthorFacts(is_proven=True, published=1)) == {}
    assert run(Campaign(), campaign=campaign, author=AuthorFacts(published=9)) != {}
