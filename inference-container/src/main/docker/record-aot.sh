#!/bin/sh
# A step of the image's build: serves a small model, which also shows that the image works, and
# records what the server loads, so that it starts fast. Fails where the server does not get ready.
set -eu
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# The command of the image's ENTRYPOINT, and where the cache goes.
SAGEMAKER_BASE_DIR=/opt/mlp/inference/warm-up MLP_BIND_HOST=127.0.0.1 SAGEMAKER_BIND_TO_PORT=0 \
  java -XX:+UseSerialGC -Xms32m -XX:MaxRAMPercentage=25 \
  -XX:AOTCacheOutput=/opt/mlp/inference/server.aot -Xlog:aot=off -Xlog:cds=off \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -Djava.library.path=/opt/mlp/tensorflow/lib -Dorg.bytedeco.javacpp.cachedir=/tmp/javacpp \
  -cp '/opt/mlp/inference/mlp-inference-container.jar:/opt/mlp/inference/lib/*:/opt/mlp/tensorflow/jars/*' \
  dev.mlp.inference.Main serve >"$log" 2>&1 &
server=$!
tries=0
until grep -q 'is ready at' "$log"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 600 ] || ! kill -0 "$server" 2>/dev/null; then cat "$log" >&2; exit 1; fi
  sleep 0.1
done
kill -TERM "$server"
wait "$server" || { cat "$log" >&2; exit 1; }
rm -rf /tmp/javacpp /tmp/hsperfdata_root
[ -f /opt/mlp/inference/server.aot ] || echo "no AOT cache: everything works, and starts more slowly"
