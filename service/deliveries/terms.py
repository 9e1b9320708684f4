"""The built-in terms: a short retention clause and licence, in the client's language."""

from __future__ import annotations

from service.kit.translate import _, using


def built_in_terms(locale: str) -> str:
    """The text that a client accepts when the studio asks for terms and wrote none of its own."""
    with using(locale):
        return "\n\n".join(
            [
                _(
                    "The pictures on this page are previews for approval. They may not be published, altered or passed on."
                ),
                _(
                    "The originals and the right to use them stay with the studio until the agreed amount is paid in full."
                ),
                _("Once it is paid, you receive the originals and may use them as agreed with the studio."),
            ]
        )
