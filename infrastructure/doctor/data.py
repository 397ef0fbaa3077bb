"""What people own: kept private, kept from being lost, and reachable from the portal's pages alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from infrastructure.adoption import EXPIRING
from infrastructure.doctor.findings import Deployment, Finding, judge

# What each rule of the files bucket does, by its name.
LIFECYCLE = {
    "abandoned-parts": {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 30}},
    "empty-delete-markers": {"Expiration": {"ExpiredObjectDeleteMarker": True}},
}
NO_ACTION = {"ID", "Status", "Filter", "Prefix"}
DRIFTED = "The drift above says what else was changed; make deploy alone does not bring it back."


def check_public_access(deployment: Deployment) -> Finding:
    s3, buckets = deployment.client("s3"), _buckets(deployment)
    problems = []
    for bucket in buckets:
        blocks = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        if len(blocks) != 4 or not all(blocks.values()):
            problems.append(f"{bucket} does not block public access")
    return judge("public access", problems, f"blocked on {len(buckets)} buckets", DRIFTED)


def check_versions(deployment: Deployment) -> Finding:
    status = deployment.client("s3").get_bucket_versioning(Bucket=deployment.outputs["FilesBucket"])
    kept = status.get("Status") == "Enabled"
    return judge("versions", [] if kept else ["the files bucket keeps none"], "kept", DRIFTED)


def check_origin(deployment: Deployment) -> Finding:
    """The bucket answers scripts of the portal's pages, and of no others."""
    address = urlsplit(deployment.outputs["PublicUrl"])
    own = f"{address.scheme}://{address.netloc}"
    rules = deployment.client("s3").get_bucket_cors(Bucket=deployment.outputs["FilesBucket"])["CORSRules"]
    origins = sorted({origin for rule in rules for origin in rule["AllowedOrigins"]})
    problems = [] if origins == [own] else [f"the files bucket lets in {', '.join(origins)}, not {own} alone"]
    return judge("origin", problems, f"{own} alone", DRIFTED)


def check_lifecycle(deployment: Deployment) -> Finding:
    """Of the files bucket: unfinished uploads end, and no rule ends what people still have."""
    found = deployment.client("s3").get_bucket_lifecycle_configuration(
        Bucket=deployment.outputs["FilesBucket"]
    )["Rules"]
    rules = {
        each.get("ID", "unnamed"): {key: value for key, value in each.items() if key not in NO_ACTION}
        for each in found
        if each["Status"] == "Enabled"
    }
    problems = [f"the rule {each} is missing" for each in sorted(LIFECYCLE.keys() - rules.keys())]
    problems += [
        f"the rule {each} is not the portal's"
        for each, actions in sorted(rules.items())
        if actions != LIFECYCLE.get(each)
    ]
    return judge("lifecycle", problems, "the portal's own rules", DRIFTED)


def check_recovery(deployment: Deployment) -> Finding:
    """Both tables can be brought back to any moment of the last 35 days."""
    database, problems = deployment.client("dynamodb"), []
    for table in (deployment.outputs["Table"], deployment.outputs["AuditTable"]):
        found = database.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        status = found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
        if status != "ENABLED":
            problems.append(f"{table} has no point-in-time recovery")
    return judge("recovery", problems, "point-in-time, of both tables", DRIFTED)


def check_expiry(deployment: Deployment) -> Finding:
    """DynamoDB removes what has a time to live; of a table that was restored it does not by itself."""
    table = deployment.outputs["Table"]
    found = deployment.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    kept = [] if found.get("TimeToLiveStatus") in EXPIRING else [f"{table} keeps what should have expired"]
    return judge("expiry", kept, "what has a time to live goes by itself", DRIFTED)


def check_deletion_protection(deployment: Deployment) -> Finding:
    database, problems = deployment.client("dynamodb"), []
    for table in (deployment.outputs["Table"], deployment.outputs["AuditTable"]):
        if not database.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"):
            problems.append(f"{table} can be deleted")
    pool = deployment.client("cognito-idp").describe_user_pool(UserPoolId=deployment.outputs["UserPool"])
    if pool["UserPool"].get("DeletionProtection") != "ACTIVE":
        problems.append("the user pool can be deleted")
    return judge("deletion protection", problems, "on", "make deploy ARGS='--protection on'")


def _buckets(deployment: Deployment) -> list[str]:
    return [value for name, value in deployment.outputs.items() if name.endswith("Bucket")]
