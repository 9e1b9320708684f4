"""What links show on the studio's delivery page."""

from __future__ import annotations

from fastapi import Request

from service.accounts import repository as accounts
from service.db import Tx
from service.deliveries.models import Delivery
from service.notify import repository as outbox
from service.notify.channel import reason_told
from service.shares import repository
from service.shares.address import link_url
from service.shares.alive import alive
from service.shares.link_end import shown_end
from service.shares.models import LinkView
from service.web.boundary import wiring_of
from service.web.panels import Panel, delivery_panel

SHOWN_VIEWS = 100


@delivery_panel
def mail_of_delivery(tx: Tx, _request: Request, delivery: Delivery) -> Panel | None:
    """That the last e-mail to the client did not arrive, while something depends on it."""
    if delivery.state not in ("held", "released"):
        return None
    last = outbox.last_to_client(tx, delivery.id, accounts.studio(tx, delivery.studio_id).email)
    if last is None or last.state not in ("failed", "kept"):
        return None
    return Panel("shares/mail_panel.html", -1, {"message": last, "why": reason_told(last.error)})


@delivery_panel
def links_of_delivery(tx: Tx, request: Request, delivery: Delivery) -> Panel:
    """Each link with its address, whom it went to, when it was looked at, and the form for another."""
    wiring, now = wiring_of(request), wiring_of(request).clock()
    zone = accounts.studio(tx, delivery.studio_id).timezone
    views: dict[str, list[LinkView]] = {}
    for view in repository.views_of(tx, delivery.id, SHOWN_VIEWS):
        views.setdefault(view.link_id, []).append(view)
    accepted = {row.link_id: row for row in repository.acceptances_of(tx, delivery.id)}
    links = repository.links_of(tx, delivery.id)
    rows = [
        {
            "link": link,
            "url": link_url(wiring, link),
            "alive": alive(link, delivery, now),
            "ends": shown_end(link.expires_at, zone),
            "views": views.get(link.id, []),
            "accepted": accepted.get(link.id),
        }
        for link in reversed(links)
    ]
    typed = {
        "name": "" if rows else delivery.client_name,
        "email": "",
        "expires_on": "",
        "announce": bool(delivery.client_email),
    }
    return Panel("shares/delivery_panel.html", 10, {"rows": rows, "zone": zone, "typed": typed})
