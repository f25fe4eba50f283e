/**
 * What runs on the server: plain POSIX sh, for dash, bash and BusyBox. Values come in as variables that are assigned in
 * front, quoted; nothing is pasted into the text.
 */
import { quoteWord } from '../quote.ts';

/** Seconds between two signs of life of a job. */
export const heartbeatSeconds = 5;

/** A script with its values in front. */
export function withValues(script: string, values: Readonly<Record<string, string>>): string {
  return `${Object.entries(values).map(([name, value]) => `${name}=${quoteWord(value)}`).join('\n')}\n${script}`;
}

/** Where jobs are: in the home of the account, which outlives logins and, mostly, the machine's start. */
const place = `umask 077
LC_ALL=C; export LC_ALL
PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"; export PATH
root="\${HOME:?}/.pilothouse/jobs"
dir="$root/$id"
# Whether a number is still that of our keeper: numbers are given again, and one that has ended may not be buried yet.
ours() { case "$(tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)" in *"/$id/keeper "*) return 0 ;; esac; return 1; }
`;

/**
 * Runs beside the command, in a session of its own: \`exit\` is written last, and by a rename, so that it is there whole
 * or not at all. Secrets go with the end, however it comes, as long as this runs.
 */
const keeper = `#!/bin/sh
umask 077
cd "$1" || exit 1
trap '' HUP
ended=
trap 'ended=TERM' TERM INT
tidy() { rm -rf secrets; }
trap tidy EXIT
echo "$$" >pid.part && mv pid.part pid
{ cat /proc/sys/kernel/random/boot_id || echo none; } >boot 2>/dev/null
( trap 'exit 0' TERM; while :; do date +%s >beat.part && mv beat.part beat; sleep ${heartbeatSeconds} & wait $!; done ) &
beat=$!
( trap - HUP TERM INT EXIT; exec sh ./command ) <input >out 2>err &
child=$!
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
kill "$beat" 2>/dev/null
tidy
echo "$status \${ended:-none}" >exit.part && mv exit.part exit
`;

/**
 * Begins a job, once: where it is there already nothing is begun. What the command reads comes as the rest of standard
 * input of this script. Answers "begun" or "there".
 */
export const startScript = `${place}mkdir -p "$root" || exit 71
if [ -d "$dir" ]; then echo there; exit 0; fi
part="$root/.$id.part"
rm -rf "$part"
mkdir -m 700 "$part" "$part/secrets" || exit 71
printf '%s\\n' "$command" >"$part/command" || exit 71
printf '%s' "$input" >"$part/input" || exit 71
[ -z "$secret" ] || printf '%s' "$secret" >"$part/secrets/$secretName" || exit 71
printf '%s' "$keeper" >"$part/keeper" || exit 71
mv "$part" "$dir" || exit 71
if command -v setsid >/dev/null 2>&1; then
  setsid sh "$dir/keeper" "$dir" </dev/null >/dev/null 2>&1 &
else
  ( trap '' HUP; exec sh "$dir/keeper" "$dir" </dev/null >/dev/null 2>&1 ) &
fi
echo begun
`;

/**
 * Says how a job stands in one line, then what its output has from a byte on:
 * \`state exitStatus ended beatAgeSeconds outBytes errBytes\`. "running" is what this machine knows of a process that is
 * its own: of this start, and still there.
 */
export const lookScript = `${place}if [ ! -d "$dir" ]; then echo 'gone - - - 0 0'; exit 0; fi
cd "$dir" || exit 71
size() { if [ -f "$1" ]; then wc -c <"$1" | tr -d ' '; else echo 0; fi; }
age=-
if [ -f beat ]; then age=$(( $(date +%s) - $(cat beat) )); fi
boot=$( { cat /proc/sys/kernel/random/boot_id || echo none; } 2>/dev/null)
# Who is alive is looked at before "exit", and how much was written after it: whoever ends in between has written all.
alive=no
if [ -f pid ]; then
  if [ "$boot" = "$(cat boot 2>/dev/null)" ] && ours "$(cat pid)"; then alive=yes; fi
elif [ "$(find . -maxdepth 0 -mmin -1 2>/dev/null)" = . ]; then alive=yes; fi
if [ -f exit ]; then
  read -r status ended <exit
  state="ended $status $ended"
elif [ "$alive" = yes ]; then state='running - -'
elif [ -f boot ] && [ "$boot" != "$(cat boot)" ]; then state='restarted - -'
else state='lost - -'; fi
out=$(size out)
echo "$state $age $out $(size err)"
[ "$out" -le "$from" ] || tail -c "+$((from + 1))" out | head -c "$most"
`;

/** The end of what a job said of errors. */
export const errorsScript = `${place}tail -c "$most" "$dir/err" 2>/dev/null
exit 0
`;

/** Ends a job with everything that it began: politely, then not. The state is then that of \`lookScript\`. */
export const cancelScript = `${place}[ -f "$dir/pid" ] || exit 0
pid=$(cat "$dir/pid")
[ -f "$dir/exit" ] && exit 0
if ours "$pid"; then
  kill -TERM "-$pid" 2>/dev/null
  i=0
  while [ "$i" -lt "$patience" ] && [ ! -f "$dir/exit" ] && ours "$pid"; do sleep 1; i=$((i + 1)); done
  # What the job began may be there still when its keeper has ended.
  kill -KILL "-$pid" 2>/dev/null
fi
rm -rf "$dir/secrets"
[ -f "$dir/exit" ] || { echo '137 KILL' >"$dir/exit.part" && mv "$dir/exit.part" "$dir/exit"; }
`;

/** Takes a job away that has ended. */
export const removeScript = `${place}rm -rf "$dir" "$root/.$id.part"
rmdir "$root" "\${root%/*}" 2>/dev/null
exit 0
`;

/** Every job that is there, by its id. */
export const listScript = `${place}ls -1 "$root" 2>/dev/null
exit 0
`;

export { keeper as keeperScript };
