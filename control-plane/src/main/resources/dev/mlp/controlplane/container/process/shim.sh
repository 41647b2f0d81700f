# Runs one program, and leaves behind how it ended: sh shim.sh STATE-FOLDER COMMAND...
#
# It is the leader of a session of its own and outlives the control plane. It writes
#   run        "PID START-TIME BOOT-ID" of itself, before the program starts
#   exit.CODE  empty, when the program has ended: an empty file needs no room on a full disk
# Only shell built-ins until the program has ended, so a start costs two forks and no more.
state=$1
shift

child=
stopping=
# Set before "run" is written: nobody sends a signal earlier.
trap 'stopping=1; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM

read -r stat < "/proc/$$/stat"
read -r boot < /proc/sys/kernel/random/boot_id
pid=$$
# The name in parentheses may hold spaces; of the fields after it, the 20th is the start time.
set_start() { shift 19; start=$1; }
set_start ${stat##*) }

# Exclusive: of two launches of one instance, the second gives way.
set -C
{ echo "$pid $start $boot" > "$state/run"; } 2>/dev/null || exit 75
set +C

"$@" &
child=$!
[ -n "$stopping" ] && kill -TERM "$child" 2>/dev/null

code=143
waited=
while :; do
  stopping=
  wait "$child"
  status=$?
  # Already waited for: the signal came when wait had the program's status.
  [ "$status" = 127 ] && [ -n "$waited" ] && break
  code=$status
  # A signal to this shell interrupts wait; then the program may go on.
  [ -z "$stopping" ] && break
  waited=1
done

until : > "$state/exit.$code"; do
  sleep 1
done
