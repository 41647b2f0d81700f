"""The whole path with an unmodified boto3 and its own waiters. Arguments: endpoint URL, model archive."""

import io
import json
import os
import sys
import tarfile
import time

import boto3
import botocore
from botocore.exceptions import ClientError

url, model_archive = sys.argv[1:3]
region = os.environ["AWS_REGION"]


def client(service):
    return boto3.client(service, endpoint_url=url, region_name=region)


sagemaker, runtime, s3 = client("sagemaker"), client("sagemaker-runtime"), client("s3")
logs, sts = client("logs"), client("sts")
role = os.environ["MLP_ROLE_ARN"]
fast = {"Delay": 1, "MaxAttempts": 120}


def must_fail(code, fragment, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert fragment in error.response["Error"]["Message"], error.response
    else:
        raise AssertionError(f"{call} went through, expected {code}")


account = sts.get_caller_identity()["Account"]
assert len(account) == 12 and account.isdigit(), account

bucket = f"sagemaker-{region}-{account}"
if bucket not in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
    s3.create_bucket(Bucket=bucket)

# Script mode, as the SageMaker SDK packs and encodes it.
script = b"""#!/bin/sh
echo "arguments: $*"
echo "epochs=$SM_HP_EPOCHS"
echo "loss=0.5;"
cat "$SM_CHANNEL_TRAIN/data.csv"
cp "$SM_CHANNEL_TRAIN/data.csv" "$SM_MODEL_DIR/model.csv"
echo report > "$SM_OUTPUT_DATA_DIR/report.txt"
echo "loss=0.25;"
echo "last line"
"""
source = io.BytesIO()
with tarfile.open(fileobj=source, mode="w:gz") as archive:
    entry = tarfile.TarInfo("train.sh")
    entry.size, entry.mode = len(script), 0o755
    archive.addfile(entry, io.BytesIO(script))
s3.put_object(Bucket=bucket, Key="code/sourcedir.tar.gz", Body=source.getvalue(), ServerSideEncryption="aws:kms")
s3.put_object(Bucket=bucket, Key="data/train/data.csv", Body=b"a,b\n1,2\n")

job = f"boto3-{int(time.time())}"
request = dict(
    TrainingJobName=job,
    RoleArn=role,
    AlgorithmSpecification={
        "TrainingImage": os.environ["MLP_TRAINING_IMAGE"],
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+);"}],
    },
    HyperParameters={
        "epochs": "3",
        "sagemaker_program": json.dumps("train.sh"),
        "sagemaker_submit_directory": json.dumps(f"s3://{bucket}/code/sourcedir.tar.gz"),
        "sagemaker_container_log_level": "20",
        "sagemaker_job_name": json.dumps(job),
        "sagemaker_region": json.dumps(region),
    },
    InputDataConfig=[
        {
            "ChannelName": "train",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": f"s3://{bucket}/data/train",
                    "S3DataDistributionType": "FullyReplicated",
                }
            },
        }
    ],
    OutputDataConfig={"S3OutputPath": f"s3://{bucket}/output"},
    ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
    StoppingCondition={"MaxRuntimeInSeconds": 600},
    Tags=[{"Key": "project", "Value": "test"}],
)
arn = sagemaker.create_training_job(**request)["TrainingJobArn"]
assert arn == f"arn:aws:sagemaker:{region}:{account}:training-job/{job}", arn
must_fail("ResourceInUse", "Training job names must be unique", sagemaker.create_training_job, **request)
sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=job, WaiterConfig=fast)

description = sagemaker.describe_training_job(TrainingJobName=job)
assert description["TrainingJobStatus"] == "Completed", description
assert description["SecondaryStatus"] == "Completed", description
statuses = [t["Status"] for t in description["SecondaryStatusTransitions"]]
assert statuses == ["Starting", "Downloading", "Training", "Uploading", "Completed"], statuses
assert all(t["StatusMessage"] for t in description["SecondaryStatusTransitions"]), description
metrics = {m["MetricName"]: m["Value"] for m in description["FinalMetricDataList"]}
assert abs(metrics["loss"] - 0.25) < 1e-9, metrics
assert description["TrainingTimeInSeconds"] >= 0
artifacts = description["ModelArtifacts"]["S3ModelArtifacts"]
assert artifacts == f"s3://{bucket}/output/{job}/output/model.tar.gz", artifacts


def members(key):
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
        return sorted(m.name.lstrip("./") for m in archive.getmembers() if m.isfile())


assert members(f"output/{job}/output/model.tar.gz") == ["model.csv"]
assert members(f"output/{job}/output/output.tar.gz") == ["report.txt"]

group = "/aws/sagemaker/TrainingJobs"
streams = logs.describe_log_streams(
    logGroupName=group, logStreamNamePrefix=job + "/", orderBy="LogStreamName", limit=1
)
assert "nextToken" not in streams, streams
stream = streams["logStreams"][0]["logStreamName"]
lines, token = [], None
while True:
    page = logs.get_log_events(
        logGroupName=group, logStreamName=stream, startFromHead=True, limit=2,
        **({"nextToken": token} if token else {}),
    )
    if not page["events"]:
        break
    lines += [e["message"] for e in page["events"]]
    token = page["nextForwardToken"]
assert "epochs=3" in lines and "1,2" in lines and lines.count("last line") == 1, lines
must_fail("ResourceNotFoundException", "", logs.describe_log_streams, logGroupName="/aws/sagemaker/none")

found = [
    s["TrainingJobName"]
    for page in sagemaker.get_paginator("list_training_jobs").paginate(PaginationConfig={"PageSize": 1})
    for s in page["TrainingJobSummaries"]
]
assert found.count(job) == 1, found

# A model trained elsewhere, served here.
name = f"half-plus-two-{int(time.time())}"
s3.upload_file(model_archive, bucket, "models/model.tar.gz")
sagemaker.create_model(
    ModelName=name,
    ExecutionRoleArn=role,
    PrimaryContainer={
        "Image": os.environ["MLP_INFERENCE_IMAGE"],
        "ModelDataUrl": f"s3://{bucket}/models/model.tar.gz",
        "Environment": {},
    },
)
sagemaker.create_endpoint_config(
    EndpointConfigName=name,
    ProductionVariants=[
        {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InitialInstanceCount": 2,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": 1.0,
        }
    ],
)
sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=fast)
variant = sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"][0]
assert variant["CurrentInstanceCount"] == 2, variant

answer = runtime.invoke_endpoint(
    EndpointName=name, ContentType="application/json", Body=json.dumps({"instances": [1.0, 2.0, 5.0]})
)
assert json.loads(answer["Body"].read()) == {"predictions": [2.5, 3.0, 4.5]}
assert answer["InvokedProductionVariant"] == "AllTraffic", answer

must_fail("ModelError", "400", runtime.invoke_endpoint, EndpointName=name, ContentType="application/json", Body="no json")
must_fail("ValidationError", "not found", runtime.invoke_endpoint, EndpointName="none", Body=b"{}")
must_fail("ValidationException", "Could not find endpoint", sagemaker.describe_endpoint, EndpointName="none")

sagemaker.delete_endpoint_config(EndpointConfigName=name)
sagemaker.delete_endpoint(EndpointName=name)
sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=fast)
sagemaker.delete_model(ModelName=name)
must_fail("ValidationException", "Could not find model", sagemaker.describe_model, ModelName=name)

print("done with boto3", boto3.__version__, "botocore", botocore.__version__)
