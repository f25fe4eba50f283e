/** What the kernel tells: who and where we are, processor, memory, processes, ports. */
import type { Piece } from './piece.ts';

/** First: the clock is compared with the moment at which its line arrives here. */
export const identity = [
  { id: 'clock', run: 'date +%s' },
  { id: 'local-time', run: "date '+%Y-%m-%d %H:%M:%S %z'" },
  { id: 'kernel', run: 'uname -srm' },
  { id: 'user', run: 'id -u; id -un; id -Gn' },
  { id: 'os-release', when: '[ -r /etc/os-release ] || [ -r /usr/lib/os-release ]', run: 'cat /etc/os-release || cat /usr/lib/os-release' },
  {
    id: 'init',
    run: `if [ -d /run/systemd/system ]; then echo systemd
elif [ -d /run/openrc ] && command -v rc-status >/dev/null; then echo openrc
else read -r name </proc/1/comm && printf '%s\\n' "$name"; fi`,
  },
  { id: 'container', run: 'for file in /.dockerenv /run/.containerenv /run/systemd/container; do [ -e "$file" ] && printf \'%s\\n\' "$file"; done; :' },
  { id: 'boot', run: 'cat /proc/sys/kernel/random/boot_id' },
] as const satisfies readonly Piece[];

const counters = (reading: 1 | 2) =>
  [
    { id: `uptime-${reading}`, run: 'cat /proc/uptime' },
    { id: `processor-${reading}`, run: "grep -E '^(cpu|btime)' /proc/stat" },
    { id: `disks-${reading}`, run: 'cat /proc/diskstats' },
  ] as const satisfies readonly Piece[];

export const firstReading = counters(1);
export const secondReading = counters(2);

export const kernel = [
  { id: 'load', run: 'cat /proc/loadavg' },
  { id: 'pressure', when: '[ -d /proc/pressure ]', run: 'for of in cpu memory io; do while read -r line; do printf \'%s %s\\n\' "$of" "$line"; done </proc/pressure/$of; done' },
  { id: 'memory', run: 'cat /proc/meminfo' },
  {
    id: 'memory-limit',
    when: '[ -r /sys/fs/cgroup/memory.max ] || [ -r /sys/fs/cgroup/memory/memory.limit_in_bytes ]',
    run: `cd /sys/fs/cgroup || exit
if [ -r memory.max ]; then cat memory.max memory.current && grep '^inactive_file ' memory.stat
else cd memory && cat memory.limit_in_bytes memory.usage_in_bytes && sed -n 's/^total_inactive_file /inactive_file /p' memory.stat; fi`,
  },
  { id: 'oom', run: "grep '^oom_kill ' /proc/vmstat" },
  { id: 'files', run: 'cat /proc/sys/fs/file-nr' },
  // Whoever mounted /proc with hidepid shows everybody their own processes alone.
  { id: 'process-sight', run: 'if [ -r /proc/1/stat ]; then echo all; else echo own; fi' },
  // The first fields tell all that is asked; a name may hold fifteen spaces.
  { id: 'processes', run: "cat /proc/[0-9]*/stat | cut -d' ' -f1-30" },
  { id: 'listening', run: "grep -E '^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:0000 0A ' /proc/net/tcp; [ -r /proc/net/tcp ]" },
  { id: 'listening-6', when: '[ -e /proc/net/tcp6 ]', run: "grep -E '^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:0000 0A ' /proc/net/tcp6; [ -r /proc/net/tcp6 ]" },
] as const satisfies readonly Piece[];
