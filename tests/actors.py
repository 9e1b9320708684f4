"""The people of the tests, acting over HTTP as they would: a studio with a token and a session, a client with a link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from starlette.testclient import TestClient

from service import discovery
from service.accounts.models import ApiToken, Member, Studio, WebSession
from service.accounts.who import secret_hash
from service.kit.ids import new_id
from service.web.csrf import PURPOSE
from service.wiring import Wiring
from service.worker import Worker
from tests.originals import Original


@dataclass
class StudioActor:
    """A studio's only member, with an API token and a signed-in browser."""

    wiring: Wiring
    client: TestClient
    studio_id: str
    member_id: str
    email: str
    token: str
    session: str
    csrf_seed: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def cookies(self) -> dict[str, str]:
        prefix = "__Host-" if self.wiring.settings.web.secure else ""
        return {f"{prefix}tillpaid_session": self.session, f"{prefix}tillpaid_csrf": self.csrf_seed}

    @property
    def cookie_header(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    @property
    def csrf(self) -> str:
        return self.wiring.signer.sign(PURPOSE, self.csrf_seed)

    def api(self, method: str, path: str, **kwargs: Any) -> Any:
        """A call with the token; returns the response."""
        headers = {**self.bearer, **kwargs.pop("headers", {})}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **kwargs)

    def page(self, method: str, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """A page as the signed-in browser sends it, forms with their CSRF token."""
        headers = {**self.cookie_header, "Accept": "text/html", **kwargs.pop("headers", {})}
        if method != "GET":
            data = {"csrf": self.csrf, **(data or {})}
        return self.client.request(method, path, data=data, headers=headers, **kwargs)

    def delivery(self, title: str = "Kāzu fotogrāfijas", amount: str = "450.00", **more: Any) -> dict[str, Any]:
        body = {
            "title": title,
            "client": {"name": "Anna Bērziņa", "email": "anna@example.com"},
            "amount": amount,
            "currency": "EUR",
            **more,
        }
        answer = self.api("POST", "/deliveries", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def upload(
        self, delivery_id: str, *originals: Original, tier: str = "final", replaces: str = ""
    ) -> list[dict[str, Any]]:
        files = [("file", (o.filename, o.content, "application/octet-stream")) for o in originals]
        answer = self.api(
            "POST", f"/deliveries/{delivery_id}/assets", files=files, data={"tier": tier, "replaces": replaces}
        )
        assert answer.status_code == 201, answer.text
        return list(answer.json()["assets"])

    def link(self, delivery_id: str, name: str = "Anna", **more: Any) -> dict[str, Any]:
        answer = self.api("POST", f"/deliveries/{delivery_id}/links", json={"name": name, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def pay(self, delivery_id: str, amount: str = "450.00", ref: str = "", currency: str = "EUR") -> Any:
        body = {
            "amount": amount,
            "currency": currency,
            "received_on": self.wiring.clock().date().isoformat(),
            "source_ref": ref or f"bank {secrets.token_hex(6)}",
        }
        return self.api("POST", f"/deliveries/{delivery_id}/payments", json=body)

    def state(self, delivery_id: str) -> str:
        return str(self.api("GET", f"/deliveries/{delivery_id}").json()["state"])


def new_studio(wiring: Wiring, client: TestClient, name: str = "Foto Ozols") -> StudioActor:
    """A studio with one member, written straight into the database: sign-in has its own tests."""
    now = wiring.clock()
    token, session = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    studio = Studio(id=new_id("std"), name=name, email=f"{secrets.token_hex(4)}@studio.example", created_at=now)
    studio.account_holder, studio.iban = name, "LV80BANK0000435195001"
    member = Member(id=new_id("mem"), studio_id=studio.id, email=studio.email, name="Ilze", created_at=now)
    with wiring.db.write() as tx:
        tx.add(studio)
        tx.flush()
        tx.add(member)
        tx.flush()
        tx.add(
            ApiToken(id=new_id("tok"), member_id=member.id, secret_sha256=secret_hash(token), label="t", created_at=now)
        )
        tx.add(
            WebSession(
                id=new_id("ses"),
                member_id=member.id,
                secret_sha256=secret_hash(session),
                created_at=now,
                proved_at=now,
                seen_at=now,
                expires_at=now + timedelta(days=365),
            )
        )
    return StudioActor(wiring, client, studio.id, member.id, studio.email, token, session)


def work(wiring: Wiring) -> None:
    """Does every queued job that is due, here and now."""
    Worker(wiring, discovery.job_handlers()).run_all()


def period(wiring: Wiring, kind: str) -> None:
    """The periodic job of that kind for the present period, and whatever else is due."""
    wiring.queue.enqueue_period(kind, wiring.clock())
    work(wiring)


def queued(wiring: Wiring, kind: str) -> int:
    """How many jobs of that kind wait."""
    embedded = "select count(*) from jobs where kind = :kind and state = 'waiting'"
    server = "select count(*) from procrastinate_jobs where task_name = :kind and status = 'todo'"
    with wiring.db.read() as tx:
        return int(tx.scalar(text(embedded if wiring.db.is_sqlite else server), {"kind": kind}) or 0)


def drop_jobs(wiring: Wiring) -> None:
    """Forgets every job, whatever its state."""
    with wiring.db.write() as tx:
        tx.execute(text(f"delete from {'jobs' if wiring.db.is_sqlite else 'procrastinate_jobs'}"))


def everything_in(wiring: Wiring) -> bytes:
    """All that the database holds, for a search: SQLite's files, or every row of PostgreSQL's tables in words."""
    if wiring.db.is_sqlite:
        data = wiring.settings.data_dir
        return b"".join((data / f"tillpaid.db{end}").read_bytes() for end in ("", "-wal"))
    with wiring.db.read() as tx:
        names = list(tx.scalars(text("select tablename from pg_tables where schemaname = 'public'")))
        return "\n".join(row for name in names for row in tx.scalars(text(f"select t::text from {name} t"))).encode()


def share_path(link: dict[str, Any]) -> str:
    """The path of a share link's URL."""
    return "/s/" + str(link["url"]).rsplit("/s/", 1)[1]
