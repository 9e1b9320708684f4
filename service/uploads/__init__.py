"""Resumable uploads: tus 1.0 (https://tus.io/protocols/resumable-upload) with creation, expiration, checksum and
termination. A file arrives over as many requests as it takes, on any node, and becomes an asset in the end.

The order that loses nothing: bytes durable in the store, then the offset in the row, then the answer. Decision 7 says why
things are as they are."""
