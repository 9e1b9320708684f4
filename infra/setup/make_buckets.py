"""Makes the buckets that TILLPAID_STORAGE_URL and TILLPAID_RENDITIONS_URL name, by the vault's identity, where they are missing."""

from __future__ import annotations

import os
import sys
import time

from botocore.exceptions import BotoCoreError, ClientError

from storage.s3.address import parse

TRIES = 60


def main() -> None:
    vault = parse(os.environ["TILLPAID_STORAGE_URL"])
    pictures = os.environ.get("TILLPAID_RENDITIONS_URL", "")
    buckets = {vault.bucket, *([parse(pictures).bucket] if pictures else [])}
    client = vault.client()
    for bucket in sorted(buckets):
        for _ in range(TRIES):
            try:
                client.head_bucket(Bucket=bucket)
            except ClientError:
                try:
                    client.create_bucket(Bucket=bucket)
                except (ClientError, BotoCoreError) as error:
                    print(f"{bucket}: {error}", file=sys.stderr)
                    time.sleep(1)
                    continue
            except BotoCoreError as error:
                print(f"{bucket}: {error}", file=sys.stderr)
                time.sleep(1)
                continue
            print(f"{bucket}: there")
            break
        else:
            sys.exit(f"{bucket} could not be made")


if __name__ == "__main__":
    main()
