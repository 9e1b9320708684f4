"""The errors this service raises, each with our code, a status and words a person understands.

    TillpaidError                500 internal
    ├── BadInput                 422 bad_input          what was sent cannot be used
    ├── Malformed                400 malformed          headers that break the upload protocol
    ├── SignInNeeded             401 sign_in_needed
    ├── Forbidden                403 forbidden          known, but not allowed
    ├── NotFound                 404 not_found          also for things that belong to somebody else
    ├── Conflict                 409 conflict           true now, may change
    ├── Gone                     410 gone               was there, is over for good
    ├── PreconditionFailed       412 version_needed     another version of the upload protocol
    ├── TooLarge                 413 too_large
    ├── UnsupportedMedia         415 media_type
    ├── Busy                     423 busy               retryable: somebody else is writing there
    ├── ChecksumMismatch         460 checksum_mismatch  retryable: what came is not what was announced
    ├── TooManyRequests          429 too_many_requests  retryable
    ├── NoSpace                  507 no_space           retryable
    └── Unavailable              503 unavailable        retryable

Libraries raise their own errors; the domain that calls a library translates once, here.
``public`` is an English message id: pages show it translated, with ``params`` filled in.
``commit`` is True for a refusal that must itself be remembered (a wrong passphrase is counted):
the transaction boundary then keeps what was written before the raise.
"""

from __future__ import annotations

from typing import ClassVar

from service.kit.translate import N_


class TillpaidError(Exception):
    """Base of all errors with a public face. ``code`` is stable; other programs match on it."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal"
    default_public: ClassVar[str] = N_("Something went wrong on our side. Nothing was lost; please try again.")
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        public: str | None = None,
        *,
        code: str | None = None,
        field: str | None = None,
        retry_after: int | None = None,
        commit: bool = False,
        **params: object,
    ) -> None:
        self.public = public or self.default_public
        self.code = code or self.default_code
        self.field = field
        self.retry_after = retry_after
        self.commit = commit
        self.params = params
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The public words in English."""
        return self.public % self.params if self.params else self.public


class BadInput(TillpaidError):
    status = 422
    default_code = "bad_input"
    default_public = N_("Something in what you sent cannot be used.")


class Malformed(TillpaidError):
    status = 400
    default_code = "malformed"
    default_public = N_("A header of this request is missing or cannot be understood.")


class SignInNeeded(TillpaidError):
    status = 401
    default_code = "sign_in_needed"
    default_public = N_("Please sign in first.")


class Forbidden(TillpaidError):
    status = 403
    default_code = "forbidden"
    default_public = N_("You are not allowed to do this.")


class NotFound(TillpaidError):
    status = 404
    default_code = "not_found"
    default_public = N_("There is nothing here. The link may be mistyped or no longer valid.")


class Conflict(TillpaidError):
    status = 409
    default_code = "conflict"
    default_public = N_("This cannot be done in the present state.")


class Gone(TillpaidError):
    status = 410
    default_code = "gone"
    default_public = N_("This is no longer available.")


class PreconditionFailed(TillpaidError):
    status = 412
    default_code = "version_needed"
    default_public = N_("Send Tus-Resumable: 1.0.0. Another version of the protocol is not spoken here.")


class TooLarge(TillpaidError):
    status = 413
    default_code = "too_large"
    default_public = N_("What you sent is too large.")


class UnsupportedMedia(TillpaidError):
    status = 415
    default_code = "media_type"
    default_public = N_("The Content-Type is not one that is taken here.")


class Busy(TillpaidError):
    status = 423
    default_code = "busy"
    default_public = N_("This file is being sent by another connection at the moment. Please try again soon.")
    retryable = True


class ChecksumMismatch(TillpaidError):
    status = 460
    default_code = "checksum_mismatch"
    default_public = N_("The bytes that came are not the ones that were announced, so they were not kept.")
    retryable = True


class TooManyRequests(TillpaidError):
    status = 429
    default_code = "too_many_requests"
    default_public = N_("Too many tries. Please wait a little and try again.")
    retryable = True


class NoSpace(TillpaidError):
    status = 507
    default_code = "no_space"
    default_public = N_("The server is out of space. Nothing was kept of this upload; please tell the studio.")
    retryable = True


class Unavailable(TillpaidError):
    status = 503
    default_code = "unavailable"
    default_public = N_("This is briefly unavailable. Please try again in a moment.")
    retryable = True
