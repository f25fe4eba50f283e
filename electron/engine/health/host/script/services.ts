/** What runs here, and whether it is as it should be. */
import type { Piece } from './piece.ts';

const systemd = '[ -d /run/systemd/system ]';

const watchedUnits = ['nginx', 'docker', 'redis', 'redis-server', 'valkey', 'valkey-server', 'postgresql', 'cron', 'crond', 'cronie'].map((name) => `${name}.service`).join(' ');

/** Only names, states and restarts leave the host: the list of pm2 holds the environment of every program, with the passwords in it. */
const pm2Reader = 'let all = ""; process.stdin.on("data", (part) => { all += part; }).on("end", () => { const list = JSON.parse(all.slice(all.indexOf("["))); for (const one of list) console.log(JSON.stringify({ name: one.name, status: one.pm2_env.status, restarts: one.pm2_env.restart_time })); })';

export const services = [
  { id: 'failed-units', when: systemd, run: 'limit 10 systemctl list-units --failed --plain --no-legend --no-pager 2>&1' },
  { id: 'units', when: systemd, run: `limit 10 systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,NRestarts ${watchedUnits} 2>&1` },
  { id: 'postgres-units', when: systemd, run: "limit 10 systemctl list-units --all --plain --no-legend --no-pager --type=service 'postgresql*'" },
  { id: 'service-units', when: systemd, run: 'limit 10 systemctl list-units --all --plain --no-legend --no-pager --type=service' },
  { id: 'service-files', when: systemd, run: 'limit 10 systemctl list-unit-files --no-legend --no-pager --type=service' },
  { id: 'crashed-services', when: 'command -v rc-status', run: 'limit 10 rc-status --crashed 2>&1' },
  { id: 'rc-services', when: 'command -v rc-status', run: 'limit 10 rc-status --all 2>&1' },
  { id: 'programs', run: 'for program in nginx docker redis-server valkey-server redis-cli valkey-cli pm2; do command -v "$program" >/dev/null && printf \'%s\\n\' "$program"; done; for file in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/libexec/postgresql*/postgres /usr/bin/postgres; do [ -x "$file" ] && { echo postgres; break; }; done; :' },
  { id: 'containers', when: 'command -v docker', run: "limit 10 docker ps -a --no-trunc --format '{{json .}}' 2>&1" },
  {
    id: 'restart-policies',
    when: 'command -v docker',
    run: `ids=$(limit 10 docker ps -aq --no-trunc --filter status=exited --filter status=dead --filter status=created) || exit
[ -z "$ids" ] || limit 10 docker inspect --format '{{.Id}} {{.HostConfig.RestartPolicy.Name}}' $ids`,
  },
  {
    id: 'pm2-daemons',
    run: `for folder in /proc/[0-9]*; do name=; read -r name <"$folder/comm"
case $name in 'PM2 v'*) stat -c '%u %n' "$folder";; esac; done; :`,
  },
  {
    // The daemon that runs is asked, under its own folder and by its own Node: any other question would start another one.
    id: 'pm2',
    when: 'command -v stat',
    run: `own=$(id -u)
for folder in /proc/[0-9]*; do name=; read -r name <"$folder/comm"
case $name in 'PM2 v'*) [ "$(stat -c %u "$folder")" = "$own" ] || continue;; *) continue;; esac
title=$(tr '\\0' ' ' <"$folder/cmdline"); home=\${title##*\\(}; home=\${home%%\\)*}; node=$(readlink "$folder/exe") || exit
[ -S "$home/rpc.sock" ] || exit
PATH="\${node%/*}:$PATH"; PM2_HOME=$home; export PM2_HOME
command -v pm2 >/dev/null || exit 127
limit 15 pm2 jlist | "$node" -e '${pm2Reader}' || exit
done`,
  },
  {
    id: 'redis',
    when: 'command -v redis-cli || command -v valkey-cli',
    run: `client=redis-cli; command -v redis-cli >/dev/null || client=valkey-cli
limit 5 $client ping 2>&1; limit 5 $client info persistence 2>&1 | grep -E '^(loading|rdb_last_bgsave_status|aof_enabled|aof_last_write_status|aof_last_bgrewrite_status):'; :`,
  },
  { id: 'pg-clusters', when: 'command -v pg_lsclusters', run: 'limit 10 pg_lsclusters -h 2>&1' },
  { id: 'pg-starts', run: 'for file in /etc/postgresql/*/*/start.conf; do [ -r "$file" ] && while read -r how _; do case $how in auto|manual|disabled) printf \'%s %s\\n\' "$how" "$file";; esac; done <"$file"; done; :' },
  {
    id: 'pg-ready',
    run: `for program in pg_isready /usr/lib/postgresql/*/bin/pg_isready /usr/pgsql-*/bin/pg_isready; do
command -v "$program" >/dev/null || continue
limit 8 "$program" -t 5 2>&1; exit; done; exit 127`,
  },
  { id: 'time-keeping', when: systemd, run: 'limit 5 timedatectl show -p NTP -p NTPSynchronized' },
  { id: 'crontab', when: 'command -v crontab', run: 'out=$(crontab -l 2>&1); status=$?; if [ $status = 0 ]; then printf \'%s\\n\' "$out" | jobs; else printf \'%s\\n\' "$out"; fi; exit $status' },
  { id: 'system-crontabs', run: 'for file in /etc/crontab /etc/cron.d/*; do [ -f "$file" ] || continue; if [ -r "$file" ]; then printf \'file %s\\n\' "$file"; jobs <"$file"; else printf \'shut %s\\n\' "$file"; fi; done; :' },
  { id: 'periodic-jobs', run: 'for file in /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* /etc/periodic/*/*; do [ -f "$file" ] && printf \'%s\\n\' "$file"; done; :' },
  { id: 'timers', when: systemd, run: 'limit 10 systemctl list-timers --all --plain --no-legend --no-pager' },
] as const satisfies readonly Piece[];
