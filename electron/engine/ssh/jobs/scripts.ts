/**
 * What runs on the server: plain POSIX sh, for dash, bash and BusyBox. Values come in as variables that are assigned in
 * front, quoted; nothing is pasted into the text.
 */
import { quoteWord } from '../quote.ts';

/** Seconds between two signs of life of a job. */
export const heartbeatSeconds = 5;

/** What a look answers with comes after this word: a shell may have said something of its own before. */
export const lookMark = 'pilothouse-look';

/** A script with its values in front. */
export function withValues(script: string, values: Readonly<Record<string, string>>): string {
  return `${Object.entries(values).map(([name, value]) => `${name}=${quoteWord(value)}`).join('\n')}\n${script}`;
}

/** As one command, which a shell reads to its end before it begins: a line that breaks in the middle has begun nothing. */
const whole = (script: string): string => `work() {\n${script}}\nwork\n`;

/**
 * Where jobs are: in the home of the account, which outlives logins and, mostly, the machine's start. Their secrets are
 * in memory, where it has such a place.
 */
const place = `umask 077
LC_ALL=C; export LC_ALL
PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"; export PATH
# Who is reached by another account may have been left the home of that one.
account=$(id -un)
case "$another$account" in yes*[!A-Za-z0-9_.-]*) ;; yes*) eval "HOME=~$account" ;; esac
root="\${HOME:?}/.pilothouse/jobs"
dir="$root/$id"
memory="/dev/shm/.pilothouse-job-$id"
tidy() { rm -rf "$dir/secrets" "$memory"; }
# Whether a number is still that of our keeper: numbers are given again, and one that has ended may not be buried yet.
ours() { case "$(tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)" in *"/$id/keeper "*) return 0 ;; esac; return 1; }
# Whoever works in the folder or below it, also where somebody has taken it away.
workers() {
  at=$(cd "$root" 2>/dev/null && pwd -P) || at=$(cd "$HOME" && pwd -P)/.pilothouse/jobs
  ls -ld /proc/[0-9]*/cwd 2>/dev/null | while read -r line; do
    case "$line" in *" -> $at/$id" | *" -> $at/$id/"* | *" -> $at/$id (deleted)") line=\${line#*/proc/}; echo "\${line%%/*}" ;; esac
  done
}
bootId() { { cat /proc/sys/kernel/random/boot_id || echo none; } 2>/dev/null; }
# How it stands, as "state exitStatus ended". "running" is what this machine knows of a process that is its own: of this
# start, and still there. Who is alive is looked at before "exit": whoever ends in between has written all.
standing() {
  alive=no
  if [ -f "$dir/pid" ]; then
    if [ "$(bootId)" = "$(cat "$dir/boot" 2>/dev/null)" ] && ours "$(cat "$dir/pid")"; then alive=yes; fi
  elif [ "$(find "$dir" -maxdepth 0 -mmin -1 2>/dev/null)" = "$dir" ]; then alive=yes; fi
  # An empty one is what a machine that lost its power has kept of it.
  if [ -s "$dir/exit" ]; then
    read -r status ended <"$dir/exit"
    echo "ended $status $ended"
  elif [ "$alive" = yes ]; then echo 'running - -'
  elif [ -f "$dir/boot" ] && [ "$(bootId)" != "$(cat "$dir/boot")" ]; then echo 'restarted - -'
  else echo 'lost - -'; fi
}
size() { if [ -f "$1" ]; then wc -c <"$1" | tr -d ' '; else echo 0; fi; }
kilobytes() { du -sk "$1" 2>/dev/null | { read -r much _ && echo "$much" || echo 0; }; }
`;

/**
 * Whether a number is still that of somebody who works in this folder: numbers are given again, and who has ended may
 * never be buried, where the first process of a machine or a container buries nobody.
 */
export const worksHere = `here=$(pwd -P)
works() { [ "$(cd "/proc/$1/cwd" 2>/dev/null && pwd -P)" = "$here" ]; }
`;

/**
 * Runs beside the command, in a session of its own: \`exit\` is written last, and by a rename, so that it is there whole
 * or not at all. Secrets go with the end, however it comes, as long as this runs.
 */
const keeper = `#!/bin/sh
umask 077
cd "$1" || exit 1
${worksHere}trap '' HUP
ended=
trap 'ended=TERM' TERM INT
tidy() { rm -rf secrets "/dev/shm/.pilothouse-job-\${1##*/}"; }
trap 'tidy "$1"' EXIT
{ cat /proc/sys/kernel/random/boot_id || echo none; } >boot 2>/dev/null
echo "$$" >pid.part && mv pid.part pid
# Whoever cancels leaves this word first and looks for the number then: one of the two sees the other.
if [ -f cancelled ]; then
  echo '143 TERM' >exit.part && mv exit.part exit
  exit 0
fi
( trap - HUP TERM INT EXIT; exec sh ./command ) <input >out 2>err &
child=$!
# A sign of life is that of the keeper and of the command: where either is gone there is none.
( trap 'exit 0' TERM; while works "$$" && [ -d "/proc/$child/cwd" ]; do date +%s >beat.part && mv beat.part beat; sleep ${heartbeatSeconds} & wait $!; done ) &
beat=$!
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
kill "$beat" 2>/dev/null
tidy "$1"
echo "$status \${ended:-none}" >exit.part && mv exit.part exit
`;

/**
 * Begins a job, once: where it is there already nothing is begun. Answers "begun" or "there". Where the machine ends
 * whatever a login leaves behind and this account may stay (\`scope\`), systemd keeps it apart.
 */
export const startScript = whole(`${place}mkdir -p "$root" || exit 71
if [ -d "$dir" ]; then echo there; exit 0; fi
part="$root/.$id.part"
rm -rf "$part" "$memory"
mkdir -m 700 "$part" || exit 71
if [ -n "$secrets" ]; then
  if [ -w /dev/shm ] && mkdir -m 700 "$memory" 2>/dev/null; then ln -s "$memory" "$part/secrets" || exit 71
  else mkdir -m 700 "$part/secrets" || exit 71; fi
  eval "$secrets" || exit 71
fi
printf '%s\\n' "$about" >"$part/about" || exit 71
date +%s >"$part/begun" || exit 71
printf '%s\\n' "$command" >"$part/command" || exit 71
printf '%s' "$input" >"$part/input" || exit 71
printf '%s' "$keeper" >"$part/keeper" || exit 71
mv "$part" "$dir" || exit 71
if [ "$scope" = yes ] && command -v systemd-run >/dev/null 2>&1; then
  user=--user
  [ "$(id -u)" != 0 ] || user=
  ( trap '' HUP; exec systemd-run $user --scope --quiet sh "$dir/keeper" "$dir" </dev/null >/dev/null 2>&1 ) &
  i=0
  while [ "$i" -lt 5 ] && [ ! -f "$dir/pid" ]; do sleep 1; i=$((i + 1)); done
  if [ -f "$dir/pid" ]; then echo begun; exit 0; fi
fi
if command -v setsid >/dev/null 2>&1; then
  setsid sh "$dir/keeper" "$dir" </dev/null >/dev/null 2>&1 &
else
  ( trap '' HUP; exec sh "$dir/keeper" "$dir" </dev/null >/dev/null 2>&1 ) &
fi
echo begun
`);

/**
 * Says how a job stands in one line, then what one of its outputs has from a byte on:
 * \`state exitStatus ended beatAgeSeconds outBytes errBytes kilobytes ageSeconds stage\`.
 */
export const lookScript = whole(`${place}mark=${lookMark}
if [ ! -d "$dir" ]; then
  tidy
  echo "$mark gone - - - 0 0 0 - -"
  exit 0
fi
cd "$dir" || exit 71
age=-
if [ -f beat ]; then age=$(( $(date +%s) - $(cat beat) )); fi
since=-
if [ -s begun ]; then since=$(( $(date +%s) - $(cat begun) )); fi
# How much was written is looked at after how it stands: what has ended has written all.
state=$(standing)
case "$state" in lost* | restarted*) tidy ;; esac
much=0
[ "$measure" != yes ] || much=$(kilobytes .)
stage=$(cat stage 2>/dev/null)
read=$(size "$file")
echo "$mark $state $age $(size out) $(size err) $much $since \${stage:--}"
[ "$read" -le "$from" ] || tail -c "+$((from + 1))" "$file" | head -c "$most"
`);

/** The end of what a job said of errors. */
export const errorsScript = whole(`${place}tail -c "$most" "$dir/err" 2>/dev/null
exit 0
`);

/**
 * Ends a job with everything that it began: politely, then not. Where its keeper is gone, or somebody took the folder
 * away, those are ended that work in it. The state is then that of \`lookScript\`.
 */
export const cancelScript = whole(`${place}[ ! -d "$dir" ] || : >"$dir/cancelled"
pid=$(cat "$dir/pid" 2>/dev/null)
if [ -n "$pid" ] && [ ! -f "$dir/exit" ] && ours "$pid"; then
  kill -TERM "-$pid" 2>/dev/null
  i=0
  while [ "$i" -lt "$patience" ] && [ ! -f "$dir/exit" ] && ours "$pid"; do sleep 1; i=$((i + 1)); done
  # What the job began may be there still when its keeper has ended.
  kill -KILL "-$pid" 2>/dev/null
fi
left=$(workers)
if [ -n "$left" ]; then
  kill -TERM $left 2>/dev/null
  i=0
  while [ "$i" -lt "$patience" ] && [ -n "$(workers)" ]; do sleep 1; i=$((i + 1)); done
  left=$(workers)
  [ -z "$left" ] || kill -KILL $left 2>/dev/null
fi
tidy
[ ! -d "$dir" ] || [ -f "$dir/exit" ] || { echo '137 KILL' >"$dir/exit.part" && mv "$dir/exit.part" "$dir/exit"; }
exit 0
`);

/** A file of the job. */
export const readScript = whole(`${place}cat "$dir/$name" || exit 71
`);

/** Takes a job away that has ended. */
export const removeScript = whole(`${place}tidy
rm -rf "$dir" "$root/.$id.part" || exit 71
[ ! -e "$dir" ] || exit 71
rmdir "$root" "\${root%/*}" 2>/dev/null
exit 0
`);

/** Every job that is there, by its id. */
export const listScript = whole(`${place}ls -1 "$root" 2>/dev/null
exit 0
`);

/** Every job that is there, one a line: mark, id, "state exitStatus ended", seconds since it was begun, kilobytes, what it is about. */
export const surveyScript = whole(`${place}for dir in "$root"/*; do
  [ -d "$dir" ] || continue
  id=\${dir##*/}
  begun=$(cat "$dir/begun" 2>/dev/null)
  age=-
  [ -z "$begun" ] || age=$(( $(date +%s) - begun ))
  printf '${lookMark}\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$id" "$(standing)" "$age" "$(kilobytes "$dir")" "$(head -n 1 "$dir/about" 2>/dev/null)"
done
exit 0
`);

/**
 * What a machine has for jobs, one fact a line. Whether it ends what a login leaves behind is in systemd's settings,
 * later files over earlier ones; whether this account may stay all the same is a file that is named like it.
 */
export const groundScript = whole(`${place}home=$(cd "$HOME" && pwd -P) || exit 71
printf 'home\t%s\n' "$home"
# It may have been given a disk of its own.
for each in "$root" "\${root%/*}" "$home"; do
  if [ -d "$each" ]; then printf 'disk\\t%s\\n' "$(df -Pk "$each" 2>/dev/null | tail -n 1)"; break; fi
done
for each in sha256sum shasum openssl; do
  if command -v "$each" >/dev/null 2>&1; then printf 'hash\t%s\n' "$each"; break; fi
done
if command -v setsid >/dev/null 2>&1; then printf 'setsid\tyes\n'; fi
if [ "$(id -u)" = 0 ]; then printf 'root\tyes\n'; fi
for each in /usr/lib/systemd/logind.conf /etc/systemd/logind.conf /usr/lib/systemd/logind.conf.d/*.conf /etc/systemd/logind.conf.d/*.conf /run/systemd/logind.conf.d/*.conf; do
  [ ! -f "$each" ] || grep -i '^[[:space:]]*KillUserProcesses[[:space:]]*=' "$each"
done 2>/dev/null | tail -n 1 | sed 's/^.*=[[:space:]]*/kills\t/'
if [ -f "/var/lib/systemd/linger/$account" ]; then printf 'lingers\tyes\n'; fi
exit 0
`);

export { keeper as keeperScript };
