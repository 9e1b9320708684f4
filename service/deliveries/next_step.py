"""Who acts next, in words."""

from __future__ import annotations

from service.deliveries.rules import who_acts
from service.kit.translate import N_, _

WORDS = {
    "studio_agrees": N_("You fill in what it is, for whom and how much."),
    "studio_adds": N_("You add the files."),
    "studio_sends": N_("You send %(client)s a link."),
    "client_pays": N_("%(client)s looks at the previews and pays."),
    "client_downloads": N_("%(client)s downloads the originals."),
    "nobody": N_("Nothing more to do: this delivery was withdrawn."),
}


def next_step(state: str, client: str, *, has_assets: bool, agreed: bool = True) -> str:
    """One sentence in the current locale that says whose turn it is."""
    return _(WORDS[who_acts(state, has_assets=has_assets, agreed=agreed)]) % {"client": client}


ACTIONS = {
    "studio_agrees": ("#agree", N_("Fill in the details")),
    "studio_adds": ("#add", N_("Add files")),
    "studio_sends": ("#links", N_("Make the link")),
    "client_pays": ("#money", N_("Mark as paid")),
}


def next_action(state: str, *, has_assets: bool, agreed: bool = True) -> dict[str, str] | None:
    """The one thing the studio can do next on the delivery's page, ``place`` and ``words``; None where it only waits."""
    place, words = ACTIONS.get(who_acts(state, has_assets=has_assets, agreed=agreed), ("", ""))
    return {"place": place, "words": _(words)} if words else None
