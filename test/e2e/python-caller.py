"""Uses examples/python/prompt_alias.py as an application would. A line in on stdin, a line of JSON out.

ENDPOINT, FOLDER, parameter, ttl and max_stale come as arguments. `read` asks for the version, `run` has Bedrock asked for it:
Debian's boto3 does not know the service, so the request is signed by hand.
"""
import json
import sys

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

endpoint, folder, parameter, ttl, max_stale = sys.argv[1:]
sys.path.insert(0, folder)
import prompt_alias
from prompt_alias import PromptAlias, PromptRefused

prompt_alias.PAUSE = 3600  # however slow the machine is

quick = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
ssm = boto3.client("ssm", endpoint_url=endpoint, config=quick)
alias = PromptAlias(parameter, ttl=float(ttl), max_stale=float(max_stale), ssm=ssm)
asked = []


def get_prompt(arn):
    asked.append(arn)
    prompt_id, version = arn.split("/")[-1].split(":")
    request = AWSRequest("GET", f"{endpoint}/prompts/{prompt_id}/", params={"promptVersion": version})
    session = boto3.Session()
    SigV4Auth(session.get_credentials(), "bedrock", session.region_name).add_auth(request)
    response = URLLib3Session().send(request.prepare())
    if response.status_code != 200:
        code = response.headers["x-amzn-errortype"]
        raise ClientError({"Error": {"Code": code, "Message": response.text}}, "GetPrompt")
    return json.loads(response.text)["version"]


def guardrail(arn):
    raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "of a guardrail"}}, "Converse")


for line in sys.stdin:
    asked.clear()
    try:
        calls = {"read": alias.version_arn, "run": lambda: alias.run(get_prompt), "fail": lambda: alias.run(guardrail)}
        answer = {"answer": calls[line.strip()]()}
    except PromptRefused as error:
        answer = {"refused": str(error)}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps({**answer, "asked": [arn.split(":")[-1] for arn in asked]}), flush=True)
