"""Verifies a registry's ledger with nothing of the registry: python3 verify_ledger.py BUCKET [ENDPOINT_URL]

Each record carries the SHA-256 of the one before, sequences have no gap, and the newest record says what the alias's
parameter says. Prints a line for each alias, and exits with 1 where one of them does not hold. docs/pointer.md has the format.
"""
import hashlib
import json
import re
import sys
import boto3

KEY = re.compile(r"ledger/([0-9A-Za-z]+)/([A-Za-z][A-Za-z0-9_-]{0,31})/([0-9]{8})\.json")


def chains(s3, bucket):
    """Bodies of each alias's records by sequence number."""
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="ledger/"):
        for entry in page.get("Contents", []):
            match = KEY.fullmatch(entry["Key"])
            if not match:
                sys.exit(f"{entry['Key']}: not a key of the ledger")
            prompt_id, alias, inverted = match.groups()
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            found.setdefault((prompt_id, alias), {})[99999999 - int(inverted)] = body
    return found


def problems(bodies, prompt_id, alias, pointer):
    """What does not hold of one alias."""
    previous = target = name = None
    for expected, sequence in enumerate(sorted(bodies), start=1):
        record = json.loads(bodies[sequence])
        if sequence != expected or record["sequence"] != sequence:
            yield f"record {sequence} stands where {expected} belongs"
        if (record["promptId"], record["alias"]) != (prompt_id, alias):
            yield f"record {sequence} belongs to another alias"
        if record["previous"] != previous:
            yield f"record {sequence} does not carry the hash of the record before"
        if record["from"] != target:
            yield f"record {sequence} does not start where the record before ended"
        previous, target = hashlib.sha256(bodies[sequence]).hexdigest(), record["to"]
        name = f"{record['registry']}/{record['prompt']}/{record['alias']}"
    wanted = "none" if target is None else f":prompt/{prompt_id}:{target['version']}"
    shown = pointer(name)
    if not shown.endswith(wanted):
        yield f"{name} is {shown}, the ledger says {wanted}"


def main(bucket, endpoint_url=None):
    ssm = boto3.client("ssm", endpoint_url=endpoint_url)

    def pointer(name):
        try:
            return ssm.get_parameter(Name=name)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return "none"

    broken = False
    for (prompt_id, alias), bodies in chains(boto3.client("s3", endpoint_url=endpoint_url), bucket).items():
        found = list(problems(bodies, prompt_id, alias, pointer))
        broken = broken or bool(found)
        print(f"{prompt_id} {alias}: {len(bodies)} records, {'; '.join(found) or 'verified'}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
