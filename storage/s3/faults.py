"""What boto3 and the store behind it can say, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from storage.blobstore import AlreadyExists, NoSpace, NotFound, StorageError, Unavailable

LOST = (BotoCoreError, HTTPError, OSError)
"""What is raised when no answer came, or broke off."""
_FULL = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge", "InsufficientCapacity", "507"}


@contextmanager
def translated(doing: str, key: str = "") -> Iterator[None]:
    """``doing`` begins the message of a fault; a missing object is NotFound(key), a taken key AlreadyExists(key)."""
    try:
        yield
    except StorageError:
        raise
    except ClientError as error:
        raise _of_answer(error, doing, key) from error
    except LOST as error:
        raise Unavailable(f"{doing}: {type(error).__name__}") from error


def _of_answer(error: ClientError, doing: str, key: str) -> StorageError:
    code, status = code_of(error), status_of(error)
    if code in {"NoSuchKey", "404", "NotFound"} and key:
        return NotFound(key)
    if status == 412 and key:
        return AlreadyExists(key)
    return (NoSpace if code in _FULL or status == 507 else Unavailable)(f"{doing}: {code} ({status})")


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
