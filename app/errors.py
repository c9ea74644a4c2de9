"""Errors that are answers: each has a sentence for the reader, a code for programs and an HTTP status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class SinergiError(Exception):
    """Base of every refusal the kernel or an addon utters.

    ``message`` is one sentence, safe to show; ``errors`` names fields where the trouble is one field's, such as
    ``{"ends_at": ["..."]}``.
    """

    status = 400
    code = "bad_request"

    def __init__(
        self, message: object, errors: Mapping[str, Sequence[object]] | None = None, *, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors: dict[str, list[object]] = {field: list(texts) for field, texts in (errors or {}).items()}
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.message)


class BadRequest(SinergiError):
    """The request cannot be read: an unknown column, a malformed argument."""


class NotAuthenticated(SinergiError):
    """Nobody is signed in."""

    status = 401
    code = "not_authenticated"


class Forbidden(SinergiError):
    """Somebody is signed in, but no access row allows it."""

    status = 403
    code = "forbidden"


class NotFound(SinergiError):
    """It does not exist, or not for this reader: the two are not told apart."""

    status = 404
    code = "not_found"


class Conflict(SinergiError):
    """The wish clashes with what is stored: a duplicate, a taken slot, a newer version, a state that moved on."""

    status = 409
    code = "conflict"


class Invalid(SinergiError):
    """Values were read but do not hold."""

    status = 422
    code = "invalid"


class TooManyRequests(SinergiError):
    """Somebody tried too often; ``retry_after`` is how many seconds they have to wait."""

    status = 429
    code = "too_many_requests"

    def __init__(self, message: object, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Outdated(SinergiError):
    """The code of this process is not what the database was brought to."""

    status = 503
    code = "outdated"


class NoActiveInstitution(RuntimeError):
    """A query touched institution-owned tables while no institution was active. A programming error, never an
    answer.
    """


class ScopeViolation(RuntimeError):
    """A flush would write outside the active institution. A programming error caught by the flush guard."""


class AddonError(SinergiError):
    """An addon cannot be loaded, enabled or disabled; the sentence says why."""

    status = 409
    code = "addon"
