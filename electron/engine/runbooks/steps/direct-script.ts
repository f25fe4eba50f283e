/**
 * Runs a script as long as somebody is here: it ends with its connection, and leaves nothing behind. Its values come over
 * standard input, of which this reads the bytes that it is told; what comes after them, an end, says that nobody is here.
 */
import { noPlaceStatus } from './script-parts.ts';

/** Seconds between asking a script to end and ending it. */
const patienceSeconds = 5;

export const directScript = `eval "$(dd bs=1 count="$1" 2>/dev/null)"
umask 077
# Who is reached by another account may have been left the home of that one.
account=$(id -un)
case "$another$account" in yes*[!A-Za-z0-9_.-]*) ;; yes*) eval "HOME=~$account" ;; esac
base=
for each in "\${XDG_RUNTIME_DIR:-/nowhere}" /dev/shm "\${HOME:-/nowhere}" /tmp; do
  if [ -d "$each" ] && [ -w "$each" ] && [ -x "$each" ]; then base=$each; break; fi
done
# Those of wrappers that were killed; whoever is still there has its number in the name.
if [ -d "/proc/$$" ]; then
  for each in "$base"/.pilothouse-step-*.*; do
    [ ! -d "$each" ] || [ -d "/proc/\${each##*.}" ] || rm -rf "$each" 2>/dev/null
  done
fi
dir="$base/.pilothouse-step-$word.$$"
mkdir -m 700 "$dir" || exit ${noPlaceStatus}
trap 'rm -rf "$dir"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 141' PIPE
{ printf '%s' "$stdin" >"$dir/stdin" && printf '%s\\n' "$script" >"$dir/script" && printf '%s\\n' "$begin" >"$dir/begin"; } || exit ${noPlaceStatus}
exec 3<&0
if command -v setsid >/dev/null 2>&1; then setsid /bin/sh "$dir/begin" "$dir" </dev/null 3<&- &
else /bin/sh "$dir/begin" "$dir" </dev/null 3<&- &
fi
child=$!
# The script, and whatever it began: they are a group of their own.
end() { kill "-$1" "-$child" 2>/dev/null || kill "-$1" "$child" 2>/dev/null; }
{ cat <&3; end TERM; sleep ${patienceSeconds}; end KILL; } >/dev/null 2>&1 &
guard=$!
wait "$child"
status=$?
kill "$guard" 2>/dev/null
# What it left running would keep the line open, and nobody would hear of it.
if kill -TERM "-$child" 2>/dev/null; then
  i=0
  while [ "$i" -lt ${patienceSeconds} ] && kill -0 "-$child" 2>/dev/null; do sleep 1; i=$((i + 1)); done
  kill -KILL "-$child" 2>/dev/null
fi
exit "$status"
`;
