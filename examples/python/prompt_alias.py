"""Follows an alias of a prompt. Copy this file: it needs boto3 only. docs/pointer.md is the contract it relies on."""
import json, logging, re, threading, time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

VERSION_ARN = re.compile(r"arn:[a-z0-9-]+:bedrock:[a-z0-9-]+:[0-9]{12}:prompt/[0-9a-zA-Z]{10}:([1-9][0-9]{0,4})")
TRANSIENT = re.compile(r"throttl|toomany|limit|quota|slow|time|expired|unrecog|token|signature", re.I)
MAY_MEAN_WITHDRAWN = ("AccessDeniedException", "ResourceNotFoundException", "ValidationException")
PAUSE = 5  # seconds between two questions while SSM does not answer

class PromptRefused(Exception):
    """The registry says no: no such alias, `none`, no permission. An older value must not hide it."""

class PromptAlias:
    def __init__(self, parameter, ttl=60, max_stale=900, ssm=None):
        quick = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"})
        self.ssm = ssm or boto3.client("ssm", config=quick)
        self.parameter, self.ttl, self.max_stale = parameter, ttl, max_stale
        self.arn, self.read_at, self.failed_at, self.lock = None, 0, 0, threading.Lock()

    def version_arn(self, fresh=False):
        """ARN of the version to call: SSM is asked once per ttl, and may be away for max_stale seconds."""
        with self.lock:
            now = time.time()  # the monotonic clock stands still while Lambda keeps a process frozen
            age, silence = abs(now - self.read_at), abs(now - self.failed_at)
            if self.arn and not fresh and (age < self.ttl or (age < self.max_stale and silence < PAUSE)):
                return self.arn
            try:
                value = self.ssm.get_parameter(Name=self.parameter)["Parameter"]["Value"]
            except (BotoCoreError, ClientError) as error:
                answer = getattr(error, "response", {"Error": {}, "ResponseMetadata": {}})
                code, status = answer["Error"].get("Code", ""), answer["ResponseMetadata"].get("HTTPStatusCode", 0)
                if 400 <= status < 500 and not TRANSIENT.search(code):
                    self.arn = None
                    raise PromptRefused(f"{self.parameter}: {code}") from error
                self.failed_at = time.time()
                if not self.arn or age >= self.max_stale:
                    raise
                return self.arn
            self.arn, self.read_at = (value if VERSION_ARN.fullmatch(value) else None), now
            if not self.arn:
                raise PromptRefused(f"{self.parameter} points to no version, found {value}")
            return self.arn

    def run(self, call):
        """`call(arn)`; once more where it was refused and the alias has moved. Other errors pass as they are."""
        arn = used = self.version_arn()
        try:
            answer = call(arn)
        except ClientError as error:
            if error.response["Error"]["Code"] in MAY_MEAN_WITHDRAWN:
                arn = self.version_arn(fresh=True)
            if arn == used:
                raise
            answer = call(arn)
        version = int(VERSION_ARN.fullmatch(arn)[1])
        logging.info(json.dumps({"parameter": self.parameter, "version": version, "versionArn": arn}))
        return answer
