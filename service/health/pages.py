"""For watchers: is it alive, is it ready, and how is it doing."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from service.errors import NotFound
from service.health.checks import readiness
from service.jobs.queue import JobQueue
from service.web.boundary import PageRoute, WiringDep, own_transactions

router = APIRouter(route_class=PageRoute)
QUEUE = Gauge("tillpaid_queue", "Jobs by state.", ["state"])
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


@router.get("/healthz")
@own_transactions
def alive() -> Response:
    """The process answers. Touches nothing else, so that a slow disk does not get it restarted."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
@own_transactions
def ready(wiring: WiringDep) -> Response:
    """Whether requests should be sent here: 200, or 503 with the names of what does not hold."""
    checks = readiness(wiring)
    good = all(checks.values())
    words = {name: "ok" if holds else "failed" for name, holds in checks.items()}
    body = {"status": "ok" if good else "unavailable", "checks": words}
    return JSONResponse(body, 200 if good else 503, {} if good else {"Retry-After": "5"})


@router.get("/metrics")
@own_transactions
def metrics(request: Request, wiring: WiringDep) -> Response:
    """Prometheus text, for this machine or the holder of the metrics token; for others there is nothing here."""
    if not may_read_metrics(request, wiring.settings.web.metrics_token):
        raise NotFound
    queue: JobQueue = wiring.queue
    for state, count in queue.counts().items():
        QUEUE.labels(state).set(count)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: Request, token: str) -> bool:
    """A proxy on this machine connects from it for everybody: a request that passed one needs the token."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), token.encode()):
        return True
    passed_a_proxy = any(name in request.headers for name in _PROXY_HEADERS)
    return not passed_a_proxy and _is_loopback(request.client.host if request.client else "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
