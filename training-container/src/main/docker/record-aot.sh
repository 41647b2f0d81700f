#!/bin/sh
# A step of the image's build: runs a small job, which also shows that the image works, and records
# what the entry point loads, so that it starts fast. Fails where the job fails.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work" /tmp/hsperfdata_root' EXIT
mkdir -p "$work/ml/input/config" "$work/ml/code"
echo '{"sagemaker_program":"train.jar","epochs":"1"}' >"$work/ml/input/config/hyperparameters.json"
echo '{}' >"$work/ml/input/config/inputdataconfig.json"
echo '{"current_host":"algo-1","hosts":["algo-1"],"network_interface_name":"eth0"}' >"$work/ml/input/config/resourceconfig.json"
echo 'public class Train { public static void main(String[] arguments) {} }' >"$work/Train.java"
javac -d "$work/classes" "$work/Train.java"
jar --create --file "$work/ml/code/train.jar" --main-class Train -C "$work/classes" .

# The command of the image's ENTRYPOINT, and where the cache goes.
SAGEMAKER_BASE_DIR=$work/ml MLP_TENSORFLOW_CLASSPATH=/opt/mlp/tensorflow/class-path \
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx128m \
  -XX:AOTCacheOutput=/opt/mlp/training/entrypoint.aot -Xlog:aot=off -Xlog:cds=off \
  -cp '/opt/mlp/training/mlp-training-container.jar:/opt/mlp/training/lib/*' \
  dev.mlp.training.entrypoint.Main train
[ -f /opt/mlp/training/entrypoint.aot ] || echo "no AOT cache: everything works, and starts more slowly"
