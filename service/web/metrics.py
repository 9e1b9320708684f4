"""Prometheus metrics that every part shares. Labels hold route templates, never paths."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("tillpaid_requests_total", "Answers given.", ["method", "route", "status"])
SECONDS = Histogram("tillpaid_request_seconds", "Seconds until the answer was complete.", ["route"])
JOBS = Counter("tillpaid_jobs_total", "Jobs by how they ended.", ["kind", "outcome"])
TURNED_AWAY = Counter(
    "tillpaid_turned_away_total", "Requests that found the door full and were told to come again.", ["door"]
)
