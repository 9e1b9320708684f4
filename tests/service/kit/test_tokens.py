"""Signed pointers: for one purpose, by one of our keys, and never identified by their spelling."""

from __future__ import annotations

import base64
import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.tokens import BadToken, Signer

OLD, NEW = "old-0123456789-abcdefghijklmnopqr", "new-0123456789-abcdefghijklmnopqr"
URL_SAFE = string.ascii_letters + string.digits + "-_."
PURPOSES = ["share-link", "download", "csrf", "flash"]


def test_a_token_carries_its_value_in_url_safe_letters() -> None:
    token = Signer([NEW]).sign("download", {"grant": "grt_1"})
    assert Signer([NEW]).read("download", token) == {"grant": "grt_1"}
    assert set(token) <= set(URL_SAFE)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_promise_16_a_token_serves_its_own_purpose_only(purpose: str) -> None:
    signer = Signer([NEW])
    token = signer.sign(purpose, "id_1")
    for other in [*PURPOSES, "", purpose + "x", purpose[:-1]]:
        if other != purpose:
            with pytest.raises(BadToken):
                signer.read(other, token)


def test_promise_16_no_change_of_a_token_reads_as_something_else() -> None:
    """Base64 has spare bits, so some changed spellings do verify: they must say exactly what the original says."""
    signer = Signer([NEW])
    token = signer.sign("download", "grt_0123456789")
    respelt = 0
    for place in range(len(token)):
        for letter in URL_SAFE:
            changed = token[:place] + letter + token[place + 1 :]
            if changed == token:
                continue
            try:
                assert signer.read("download", changed) == "grt_0123456789"
                respelt += 1
            except BadToken:
                pass
    assert respelt, "spellings are malleable: that is why callers take the id inside"
    assert respelt < 8


@given(st.text(max_size=200))
def test_promise_16_what_we_did_not_sign_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        Signer([NEW]).read("download", text)


def test_promise_16_the_value_cannot_be_swapped() -> None:
    signer = Signer([NEW])
    token = signer.sign("download", "grt_mine")
    _, _, signature = token.rpartition(".")
    other = base64.urlsafe_b64encode(b'"grt_other"').decode().rstrip("=")
    with pytest.raises(BadToken):
        signer.read("download", f"{other}.{signature}")


def test_a_huge_token_is_refused_unread() -> None:
    signer = Signer([NEW])
    with pytest.raises(BadToken):
        signer.read("download", signer.sign("download", secrets.token_hex(2000)))


def test_keys_rotate() -> None:
    """A new key goes first; what the old one signed verifies until the old one is taken out."""
    before = Signer([OLD]).sign("share-link", "lnk_1")
    both = Signer([NEW, OLD])
    assert both.read("share-link", before) == "lnk_1"
    after = both.sign("share-link", "lnk_1")
    assert Signer([NEW]).read("share-link", after) == "lnk_1"
    with pytest.raises(BadToken):
        Signer([NEW]).read("share-link", before)
    with pytest.raises(BadToken):
        Signer([OLD]).read("share-link", after)


def test_macs_are_bound_to_purpose_text_and_key() -> None:
    both, old = Signer([NEW, OLD]), Signer([OLD])
    mac = old.mac("audit-head", "text")
    assert both.mac_is_ours("audit-head", "text", mac)
    assert not both.mac_is_ours("audit-head", "text ", mac)
    assert not both.mac_is_ours("audit", "text", mac)
    assert not Signer([NEW]).mac_is_ours("audit-head", "text", mac)
    assert not both.mac_is_ours("audit-head", "text", "")


def test_a_purpose_and_a_name_do_not_run_into_each_other() -> None:
    signer = Signer([NEW])
    assert signer.derive("ab", "c") != signer.derive("a", "bc")


def test_derived_keys_stay_with_the_key_they_were_made_by() -> None:
    """Marks are keyed to an asset for good: a rotated key must not change them."""
    first = Signer([OLD])
    made = first.derive("mark", "ast_1")
    assert Signer([NEW, OLD]).derive("mark", "ast_1", fingerprint=first.current_fingerprint) == made
    assert Signer([NEW, OLD]).derive("mark", "ast_1") != made


def test_a_fingerprint_does_not_tell_the_key() -> None:
    assert NEW not in Signer.fingerprint(NEW)
    assert len(Signer.fingerprint(NEW)) == 16


def test_a_signer_needs_a_key() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        Signer([])
