"""The CloudFormation template: clean by AWS's own linter, private, and its policies say what they are meant to."""

from __future__ import annotations

import fnmatch
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode

TEMPLATE = Path(__file__).parents[2] / "infra" / "cloudformation" / "storage.yaml"
READS = ("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject")


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    template, faults = decode(str(TEMPLATE))
    assert not faults
    return dict(template["Resources"])


def test_the_linter_finds_nothing() -> None:
    program = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([program, str(TEMPLATE)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_bucket_is_private_encrypted_and_kept(resources: dict[str, Any]) -> None:
    buckets = {name: each for name, each in resources.items() if each["Type"] == "AWS::S3::Bucket"}
    assert set(buckets) == {"Vault", "Renditions"}
    for name, bucket in buckets.items():
        told = bucket["Properties"]
        assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
        assert set(told["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(told["PublicAccessBlockConfiguration"]) == 4
        assert told["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert told["BucketEncryption"]
        rules = told["LifecycleConfiguration"]["Rules"]
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
        policy = next(each for each in resources.values() if each["Properties"].get("Bucket") == {"Ref": name})
        assert [each["Effect"] for each in policy["Properties"]["PolicyDocument"]["Statement"]] == ["Deny"]
    assert resources["Vault"]["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def allowed(role: dict[str, Any], action: str, resource: str) -> bool:
    """What IAM would say of the role alone: some statement allows it."""
    statements = [s for policy in role["Properties"]["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    assert all(statement["Effect"] == "Allow" for statement in statements)
    return any(
        any(fnmatch.fnmatchcase(action, pattern) for pattern in _listed(statement["Action"]))
        and any(fnmatch.fnmatchcase(resource, _arn(pattern)) for pattern in _listed(statement["Resource"]))
        for statement in statements
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _arn(value: Any) -> str:
    if isinstance(value, str):
        return value
    text = value["Fn::Sub"] if "Fn::Sub" in value else "${" + ".".join(value["Fn::GetAtt"]) + "}"
    return str(text).replace("${Vault.Arn}", "arn:vault").replace("${Renditions.Arn}", "arn:renditions")


def test_pages_can_do_nothing_in_the_vault(resources: dict[str, Any]) -> None:
    pages, vault = resources["PagesRole"], resources["VaultRole"]
    for action in READS:
        for resource in ("arn:vault", "arn:vault/originals/std_x/abc~", "arn:vault/proofs/ast_x/1~"):
            assert not allowed(pages, action, resource), (action, resource)
    assert allowed(vault, "s3:GetObject", "arn:vault/originals/std_x/abc~")
    assert allowed(pages, "s3:GetObject", "arn:renditions/renditions/ast_x/1/480/d~")
    assert not any(allowed(role, action, "arn:else/x") for role in (pages, vault) for action in READS)


@pytest.mark.parametrize("role", ["PagesRole", "VaultRole"])
def test_a_role_may_do_what_the_store_needs_and_no_more(resources: dict[str, Any], role: str) -> None:
    actions = {
        action
        for policy in resources[role]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    assert actions == {
        *("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
        *("s3:ListBucket", "s3:ListBucketMultipartUploads"),
    }
