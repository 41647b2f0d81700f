# Runs one program, and leaves behind how it ended: sh shim.sh STATE-FOLDER MOUNT COMMAND...
#
# It is the leader of a session of its own and outlives the control plane. It reads
#   cgroups    "NAME FOLDER" of each control group to be in; none where there is no such file
#   mounts     what MOUNT, the mount program, is to mount in this mount namespace; or no such file
# It writes
#   run        "PID START-TIME BOOT-ID" of itself, before the program starts
#   refused    why the program could not be started; mount-errors, what the mount program said
#   exit.CODE  empty, when the program has ended: an empty file needs no room on a full disk
# Only shell built-ins but for the mounts, so a start costs two forks and no more.
state=$1
mount=$2
shift 2

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

if [ -e "$state/cgroups" ]; then
  while read -r name group; do
    # Version 1 can move a single thread, as this shell is, without the lock that every fork of the
    # machine takes: that would wait for all CPUs, some milliseconds.
    file=tasks
    [ "$name" = unified ] && file=cgroup.procs
    if ! echo 0 > "$group/$file"; then
      echo "its launcher could not join the control group $group" > "$state/refused"
      exit 76
    fi 2>/dev/null
  done < "$state/cgroups"
fi

if [ -e "$state/mounts" ] \
  && ! "$mount" -a -n -T "$state/mounts" > "$state/mount-errors" 2>&1; then
  echo "its folders could not be mounted." > "$state/refused"
  exit 76
fi

# When memory is short, the kernel kills another than this one, who has to tell of it.
{ read -r score < /proc/self/oom_score_adj && echo -1000 > /proc/self/oom_score_adj; } 2>/dev/null \
  || score=

(
  [ -n "$score" ] && echo "$score" > /proc/self/oom_score_adj
  exec "$@"
) &
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

# Not ":", a special built-in, which ends the shell when the file cannot be made.
until true > "$state/exit.$code"; do
  sleep 1
done
