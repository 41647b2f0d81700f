#!/usr/bin/env python3
"""Makes constraints.json, the table that requests are checked against, from botocore's service models.

The AWS SDK's model classes do not say which members are required, nor their patterns, lengths and
ranges; botocore ships the service models that do. Take the botocore release of the same weeks as the
SDK (ConstraintsTest fails where the two differ in a supported operation):

    pip download --no-deps --dest /tmp/botocore botocore==1.42.2
    tools/constraints.py /tmp/botocore/botocore-*.whl

Supporting an operation starts here: add its name below, run this again, then write its rows in
fields.txt.
"""
import gzip
import json
import pathlib
import re
import sys
import zipfile

RESOURCES = ["Model", "EndpointConfig", "Endpoint"]
OPERATIONS = {
    "sagemaker/2017-07-24": (
        ["CreateTrainingJob", "DescribeTrainingJob", "ListTrainingJobs", "StopTrainingJob"]
        + [verb + name for name in RESOURCES for verb in ("Create", "Describe", "Delete")]
        + ["List" + name + "s" for name in RESOURCES]
    ),
    "sagemaker-runtime/2017-05-13": ["InvokeEndpoint"],
    "cloudwatch/2010-08-01": ["GetMetricData", "GetMetricStatistics", "ListMetrics"],
    "logs/2014-03-28": ["DescribeLogStreams", "GetLogEvents"],
    "sts/2011-06-15": ["GetCallerIdentity"],
}
TABLE = (
    pathlib.Path(__file__).resolve().parent.parent
    / "control-plane/src/main/resources/dev/mlp/controlplane/wire/constraints.json"
)


def load(wheel, service):
    name = f"botocore/data/{service}/service-2.json"
    if name in wheel.namelist():
        return json.loads(wheel.read(name))
    return json.loads(gzip.decompress(wheel.read(name + ".gz")))


def compact(name, shape):
    """What the walker needs of a shape: no documentation, no names on the wire but the members' own."""
    small = {"type": shape["type"]}
    if name.endswith("InstanceType"):
        return small | {"instanceType": True}  # long lists that move: the catalogue knows instance types
    small.update({key: shape[key] for key in ("required", "min", "max", "pattern", "enum", "union") if key in shape})
    if shape["type"] == "structure":
        small["members"] = {name: member["shape"] for name, member in shape["members"].items()}
    elif shape["type"] == "list":
        small["member"] = shape["member"]["shape"]
    elif shape["type"] == "map":
        small["key"] = shape["key"]["shape"]
        small["value"] = shape["value"]["shape"]
    return small


def reachable(model, roots):
    shapes, todo = {}, list(roots)
    while todo:
        name = todo.pop()
        if name in shapes:
            continue
        shapes[name] = small = compact(name, model["shapes"][name])
        todo += list(small.get("members", {}).values())
        todo += [small[key] for key in ("member", "key", "value") if key in small]
    return dict(sorted(shapes.items()))


def table(wheel, version):
    services = {}
    for service, names in OPERATIONS.items():
        model = load(wheel, service)
        operations = {}
        for name in names:
            operation = model["operations"][name]
            operations[name] = {
                way: operation[way]["shape"] for way in ("input", "output") if way in operation
            }
        roots = [shape for ways in operations.values() for shape in ways.values()]
        services[service.split("/")[0]] = {
            "operations": operations,
            "shapes": reachable(model, roots),
        }
    return {"source": f"botocore {version}", "services": services}


def write(path, content):
    """One line per shape: small, and a change of the model is a change of that line."""
    lines = ["{", f'"source": {json.dumps(content["source"])},', '"services": {']
    for i, (service, parts) in enumerate(content["services"].items()):
        lines.append(f"{json.dumps(service)}: {{")
        for j, (part, entries) in enumerate(parts.items()):
            lines.append(f"{json.dumps(part)}: {{")
            rows = [
                f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}"
                for name, value in entries.items()
            ]
            lines.append(",\n".join(rows))
            lines.append("}" + ("," if j == 0 else ""))
        lines.append("}" + ("," if i + 1 < len(content["services"]) else ""))
    lines += ["}", "}"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    wheel = pathlib.Path(arguments[0])
    version = re.match(r"botocore-([0-9.]+)-", wheel.name)
    if not version:
        sys.exit(f"{wheel}: expected a wheel named botocore-<version>-….whl")
    with zipfile.ZipFile(wheel) as archive:
        content = table(archive, version.group(1))
    write(TABLE, content)
    shapes = sum(len(parts["shapes"]) for parts in content["services"].values())
    print(f"{TABLE}: {content['source']}, {shapes} shapes, {TABLE.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
