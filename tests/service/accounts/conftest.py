"""A member with a browser that keeps cookies, and a way to post our forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.accounts.create_studio import create_studio
from service.accounts.issue_link import issue_link
from service.accounts.models import Member, Studio
from service.app import create_app
from service.audit.models import AuditEvent
from service.wiring import Wiring

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
HTML = {"Accept": "text/html"}


@dataclass
class Browser:
    """A browser of its own: cookies are kept, redirects are not followed."""

    wiring: Wiring
    client: TestClient

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={**HTML, **headers})

    def post(self, path: str, form: str = "/sign-in", files: Any = None, **data: str) -> Any:
        """Opens the page ``form`` for its CSRF token, then posts ``data`` to ``path``."""
        page = self.client.get(form, headers=HTML)
        found = CSRF.search(page.text)
        token = found.group(1) if found else self.token
        self.token = token
        return self.client.post(path, data={"csrf": token, **data}, files=files, headers=HTML)

    def sign_in(self, email: str) -> Any:
        """Signs in as the member with that address, through the page."""
        path = link_for(self.wiring, email)
        answer = self.post(path, form=path)
        assert answer.status_code == 303, answer.text
        return answer

    token: str = ""


def link_for(wiring: Wiring, email: str, next_path: str = "/deliveries") -> str:
    """The path of a fresh one-time link."""
    with wiring.db.write() as tx:
        member = tx.scalars(select(Member).where(Member.email == email)).one()
        return issue_link(tx, wiring, member_id=member.id, next_path=next_path).removeprefix("http://testserver")


def studio_of(wiring: Wiring, email: str) -> Studio:
    with wiring.db.read() as tx:
        found = tx.scalars(select(Studio).join(Member).where(Member.email == email)).one()
        tx.expunge_all()
        return found


def events(wiring: Wiring) -> list[str]:
    with wiring.db.read() as tx:
        return list(tx.scalars(select(AuditEvent.kind).order_by(AuditEvent.studio_id, AuditEvent.seq)))


@pytest.fixture
def browser(wiring: Wiring) -> Iterator[Browser]:
    """Nobody's browser, yet."""
    with TestClient(create_app(wiring), raise_server_exceptions=False, follow_redirects=False) as client:
        yield Browser(wiring, client)


@pytest.fixture
def other_browser(wiring: Wiring) -> Iterator[Browser]:
    with TestClient(create_app(wiring), raise_server_exceptions=False, follow_redirects=False) as client:
        yield Browser(wiring, client)


@pytest.fixture
def ilze(wiring: Wiring) -> str:
    """The address of a member."""
    with wiring.db.write() as tx:
        create_studio(tx, wiring, email="ilze@studio.example", name="Foto Ozols")
    return "ilze@studio.example"


@pytest.fixture
def janis(wiring: Wiring) -> str:
    """The address of a member of another studio."""
    with wiring.db.write() as tx:
        create_studio(tx, wiring, email="janis@other.example", name="Cita studija")
    return "janis@other.example"
