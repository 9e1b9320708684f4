"""How pytest-xdist spreads the tests: the browser journeys in two groups, so that no more than two Chromiums and their
servers run at once however many cores there are; everything else one by one.

Its own ``--dist=loadgroup`` would do, but pytest-xdist 3.8 marks groups in a place that pytest 9.2 no longer reads.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

OVER_THE_SAMPLE = (
    "tests/journeys/test_blur.py",
    "tests/journeys/test_email_frame.py",
    "tests/journeys/test_pages.py",
    "tests/journeys/test_marked.py",
    "tests/journeys/test_share_page.py",
)
"""These share one server, which takes a while to fill."""


class InGroups(LoadScopeScheduling):
    """Tests of one group go to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The group's name; a test outside the journeys is its own."""
    if nodeid.startswith(OVER_THE_SAMPLE):
        return "journeys over the sample studio"
    return "journeys" if nodeid.startswith("tests/journeys/") else nodeid
