"""The one gate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.deliveries.models import Delivery
from service.errors import Forbidden, NotFound, TillpaidError
from service.shares.address import PURPOSE, token_of
from service.shares.models import ShareLink
from service.shares.open_link import Need, OpenedLink, open_link
from tests.conftest import MovableClock
from tests.service.shares.conftest import Shares

NEEDS: list[Need] = ["page", "previews", "downloads"]


def _open(shares: Shares, token: str, need: Need) -> OpenedLink:
    with shares.wiring.db.read() as tx:
        return open_link(tx, shares.wiring, token, need=need)


def _refusal(shares: Shares, token: str, need: Need) -> TillpaidError:
    with pytest.raises(TillpaidError) as refused:
        _open(shares, token, need)
    return refused.value


@pytest.mark.parametrize("need", NEEDS)
def test_a_live_link_opens_its_own_delivery(shares: Shares, need: Need) -> None:
    delivery = shares.delivery()
    link = shares.link(delivery)
    opened = _open(shares, token_of(shares.wiring, link), need)
    assert (opened.link.id, opened.delivery.id, opened.studio.id) == (link.id, delivery.id, shares.studio.studio_id)
    assert opened.terms_accepted
    assert opened.unlocked
    assert not opened.own


@pytest.mark.parametrize("need", NEEDS)
def test_promise_3_whatever_does_not_open_answers_the_same(shares: Shares, clock: MovableClock, need: Need) -> None:
    sign = shares.wiring.signer.sign
    delivery, withdrawn = shares.delivery(), shares.delivery()
    genuine = token_of(shares.wiring, shares.link(delivery))
    revoked, expired = shares.link(delivery), shares.link(delivery, expires_at=clock() + timedelta(hours=1))
    of_withdrawn = shares.link(withdrawn)
    shares.set(ShareLink, revoked.id, revoked_at=clock())
    shares.set(Delivery, withdrawn.id, state="withdrawn")
    clock.move(hours=1)
    tokens = {
        "revoked": token_of(shares.wiring, revoked),
        "expired": token_of(shares.wiring, expired),
        "withdrawn": token_of(shares.wiring, of_withdrawn),
        "unknown": sign(PURPOSE, "lnk_" + "0" * 26),
        "not an id": sign(PURPOSE, 7),
        "another purpose": sign("download", revoked.id),
        "forged": genuine[:-6] + "AAAAAA",
        "nonsense": "nonsense",
        "long": "x" * 5000,
    }
    refusals = {name: _refusal(shares, token, need) for name, token in tokens.items()}
    assert {(type(r), r.code, r.text) for r in refusals.values()} == {(NotFound, "not_found", NotFound().text)}


def test_a_respelt_token_is_the_same_link(shares: Shares) -> None:
    """base64 has spare bits: a token is known by the id inside, so a respelling neither breaks nor adds anything."""
    link = shares.link(shares.delivery())
    token = token_of(shares.wiring, link)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    respelt = token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]
    assert respelt != token
    assert _open(shares, respelt, "page").link.id == link.id
    shares.set(ShareLink, link.id, revoked_at=shares.wiring.clock())
    assert isinstance(_refusal(shares, respelt, "page"), NotFound)


@pytest.mark.parametrize("need", ["previews", "downloads"])
def test_promise_3_a_passphrase_stands_before_everything(shares: Shares, need: Need) -> None:
    token = token_of(shares.wiring, shares.link(shares.delivery(ask_terms=True), passphrase="rozes"))
    refused = _refusal(shares, token, need)
    assert (type(refused), refused.code) == (Forbidden, "passphrase_needed")
    assert not _open(shares, token, "page").unlocked


@pytest.mark.parametrize("need", ["previews", "downloads"])
def test_terms_stand_before_the_work(shares: Shares, need: Need) -> None:
    token = token_of(shares.wiring, shares.link(shares.delivery(ask_terms=True)))
    refused = _refusal(shares, token, need)
    assert (type(refused), refused.code) == (Forbidden, "terms_needed")
    assert not _open(shares, token, "page").terms_accepted


def test_keys_can_be_rotated_without_breaking_links(shares: Shares) -> None:
    from service.kit.tokens import Signer

    token = token_of(shares.wiring, shares.link(shares.delivery()))
    old = shares.wiring.signer._keys
    shares.wiring.__dict__["signer"] = Signer(["n" * 40, *old])
    assert _open(shares, token, "page").unlocked
    shares.wiring.__dict__["signer"] = Signer(["n" * 40])
    assert isinstance(_refusal(shares, token, "page"), NotFound)
