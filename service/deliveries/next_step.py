"""Who acts next, in words."""

from __future__ import annotations

from service.deliveries.rules import who_acts
from service.kit.translate import N_, _

WORDS = {
    "studio_adds": N_("You add the files."),
    "studio_sends": N_("You send %(client)s a link."),
    "client_pays": N_("%(client)s looks at the previews and pays."),
    "client_downloads": N_("%(client)s downloads the originals."),
    "nobody": N_("Nothing more to do: this delivery was withdrawn."),
}


def next_step(state: str, client: str, *, has_assets: bool) -> str:
    """One sentence in the current locale that says whose turn it is."""
    return _(WORDS[who_acts(state, has_assets=has_assets)]) % {"client": client}
