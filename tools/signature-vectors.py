#!/usr/bin/env python3
"""Makes the signature vectors of SigV4VerifierTest with botocore: requests as boto3 signs them.

    pip install botocore
    tools/signature-vectors.py
"""
import datetime
import json
import pathlib
from unittest import mock

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

VECTORS = (
    pathlib.Path(__file__).resolve().parent.parent
    / "control-plane/src/test/resources/dev/mlp/controlplane/wire/botocore-signatures.json"
)
NOW = datetime.datetime(2026, 1, 31, 12, 0, 0, tzinfo=datetime.timezone.utc)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
JSON = {"Content-Type": "application/x-amz-json-1.1", "User-Agent": "Boto3/1.0"}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
REQUESTS = [
    ("sagemaker", "us-east-1", "POST", "/", JSON | {"X-Amz-Target": "SageMaker.ListModels"}, "{}"),
    ("logs", "eu-central-1", "POST", "/", JSON | {"X-Amz-Target": "Logs_20140328.GetLogEvents"}, '{"x":"é"}'),
    ("sts", "us-east-1", "POST", "/", FORM, "Action=GetCallerIdentity&Version=2011-06-15"),
    ("sagemaker", "us-west-2", "POST", "/endpoints/my-endpoint/invocations", {"Content-Type": "text/csv"}, "1,2\n"),
    ("sagemaker", "us-west-2", "POST", "/endpoints/my-endpoint/invocations", {}, "1,2\n"),
    ("sagemaker", "us-east-1", "POST", "/endpoints/a%20b/invocations", {"X-Two": "a   b "}, ""),
    ("sagemaker", "us-east-1", "GET", "/x?b=2&a=1&a-b=3&c=%20d&e", {}, ""),
]


def sign(service, region, method, path, headers, body):
    request = AWSRequest(
        method=method, url="http://127.0.0.1:8080" + path, headers=headers, data=body.encode()
    )
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: NOW.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(Credentials("AKIDEXAMPLE", SECRET), service, region).add_auth(request)
    sent = dict(request.headers.items())
    sent.setdefault("Host", "127.0.0.1:8080")
    return {"service": service, "region": region, "method": method, "uri": path, "headers": sent, "body": body}


vectors = [sign(*request) for request in REQUESTS]
assert all(v["headers"]["X-Amz-Date"] == "20260131T120000Z" for v in vectors)
VECTORS.parent.mkdir(parents=True, exist_ok=True)
VECTORS.write_text(json.dumps({"source": f"botocore {botocore.__version__}", "vectors": vectors}, indent=1) + "\n")
print(f"{VECTORS}: {len(vectors)} vectors of botocore {botocore.__version__}")
