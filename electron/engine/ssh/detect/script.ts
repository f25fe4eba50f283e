/** What is read on a host to find out what runs there: one POSIX script, which changes nothing and leaves nothing behind. */

/** First word of the first line; what is printed before it belongs to the shell. */
export const detectMark = 'pilothouse-looks';

/**
 * One fact a line: its kind, and its fields, with tabs between them. It is one function, so that a script that arrived
 * in part does nothing. Nothing in it reads standard input, which is the script itself.
 */
export const detectScript = `main() {
PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
LC_ALL=C PGCONNECT_TIMEOUT=3
export PATH LC_ALL PGCONNECT_TIMEOUT
tab=$(printf '\\t')
if timeout 5 true >/dev/null 2>&1; then limit() { timeout 5 "$@" </dev/null 2>/dev/null; }; else limit() { "$@" </dev/null 2>/dev/null; }; fi
has() { command -v "$1" >/dev/null 2>&1; }
flat() { tr '\\000\\t\\n\\r' '\\037   ' | cut -c 1-2000; }
echo ${detectMark}
printf 'account\\t%s\\n' "$(id -un 2>/dev/null)"

sockets=$({ for file in /var/run/postgresql/.s.PGSQL.* /tmp/.s.PGSQL.*; do if [ -S "$file" ]; then printf '%s\\n' "$file"; fi; done
  sed -n 's/^.* \\(\\/.*\\/\\.s\\.PGSQL\\.[0-9]*\\)$/\\1/p' /proc/net/unix; } 2>/dev/null | head -n 50 | sort -u)
printf '%s\\n' "$sockets" | while IFS= read -r file; do printf 'socket\\t%s\\n' "$file"; done
for file in /proc/net/tcp /proc/net/tcp6; do
  [ -r "$file" ] || continue
  grep -E '^ *[0-9]+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4} 0A ' "$file" | head -n 300 | while read -r _ address _; do printf 'listen\\t%s\\n' "$address"; done
done

for folder in /proc/[0-9]*; do
  { read -r name <"$folder/comm"; } 2>/dev/null || continue
  case $name in
  postgres | postmaster | pgbouncer | patroni | nginx | redis-server | valkey-server | dockerd | k3s-server | kubelet | 'PM2 v'*) ;;
  *) continue ;;
  esac
  start=$(head -c 10 "$folder/cmdline" 2>/dev/null | tr '\\000' ' ')
  # Every session is a process of its own, and says so.
  case $start in postgres:* | nginx:\\ w*) continue ;; esac
  printf 'process\\t%s\\t%s\\n' "$name" "$(flat <"$folder/cmdline" 2>/dev/null)"
done

for file in /etc/postgresql/*/*/postgresql.conf /var/lib/pgsql/data/postgresql.conf /var/lib/pgsql/*/data/postgresql.conf /var/lib/postgresql/data/postgresql.conf /var/lib/postgresql/*/data/postgresql.conf; do
  [ -e "$file" ] || continue
  if [ -r "$file" ]; then
    printf 'config\\t%s\\tyes\\t%s\\n' "$file" "$(grep -E '^[[:space:]]*(port|data_directory)[[:space:]]*=' "$file" 2>/dev/null | tr '\\n\\t' '\\037 ' | cut -c 1-2000)"
  else
    printf 'config\\t%s\\tno\\t\\n' "$file"
  fi
done
for folder in /var/lib/postgresql/*/* /var/lib/postgresql/data /var/lib/pgsql/data /var/lib/pgsql/*/data; do
  [ -d "$folder" ] || continue
  case $folder in */data | */main | */[0-9]*/*) if [ -r "$folder" ]; then printf 'folder\\t%s\\tyes\\n' "$folder"; else printf 'folder\\t%s\\tno\\n' "$folder"; fi ;; esac
done

for path in "$(command -v pg_dump 2>/dev/null)" /usr/lib/postgresql/*/bin/pg_dump /usr/pgsql-*/bin/pg_dump /usr/libexec/postgresql*/pg_dump; do
  if [ -n "$path" ] && [ -x "$path" ]; then printf 'tool\\t%s\\t%s\\n' "$path" "$(limit "$path" --version | flat)"; fi
done

sudo=no
if has sudo && id postgres >/dev/null 2>&1 && limit sudo -n -u postgres true >/dev/null; then sudo=yes; printf 'sudo\\tpostgres\\n'; fi

if has psql; then
  list="select 'version' || chr(9) || current_setting('server_version') union all select 'user' || chr(9) || current_user union all select 'database' || chr(9) || datname from pg_database where datallowconn and not datistemplate and datname !~ '[[:cntrl:]]'"
  more="$list union all select 'data' || chr(9) || current_setting('data_directory') union all select 'config' || chr(9) || current_setting('config_file')"
  printf '%s\\n' "$sockets" | while IFS= read -r file; do
    [ -S "$file" ] || continue
    port=\${file##*.}
    limit psql -XAtqw -h "\${file%/*}" -p "$port" -d postgres -c "$list" | head -n 200 | while IFS= read -r line; do printf 'answer\\taccount\\t%s\\t%s\\n' "$file" "$line"; done
    if [ $sudo = yes ]; then limit sudo -n -u postgres psql -XAtqw -h "\${file%/*}" -p "$port" -d postgres -c "$more" | head -n 200 | while IFS= read -r line; do printf 'answer\\tsudo\\t%s\\t%s\\n' "$file" "$line"; done; fi
  done
fi

if has docker; then
  if list=$(limit docker ps --format "{{.Names}}$tab{{.Image}}$tab{{.Ports}}"); then
    printf '%s\\n' "$list" | grep -Ei "^[^$tab]*$tab[^$tab]*(postgres|postgis|timescale|pgvector|citus)" | head -n 5 | while IFS="$tab" read -r name image ports; do
      printf 'container\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$name" "$image" "$(limit docker exec "$name" pg_dump --version | flat)" "$(limit docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$name" | flat)" "$ports"
    done
  else
    printf 'blind\\tdocker\\n'
  fi
fi
if has kubectl; then
  if list=$(limit kubectl get pods --all-namespaces -o 'jsonpath={range .items[*]}{.metadata.namespace}{"\\t"}{.metadata.name}{range .spec.containers[*]}{"\\t"}{.name}{"="}{.image}{end}{"\\n"}{end}'); then
    printf '%s\\n' "$list" | grep -Ei '=[^[:space:]]*(postgres|postgis|timescale|pgvector|citus)' | head -n 5 | while IFS= read -r line; do printf 'pod\\t%s\\n' "$line"; done
  else
    printf 'blind\\tkubectl\\n'
  fi
fi
echo end
}
main
`;
