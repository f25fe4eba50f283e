/** For each rule of the book a text that it finds, and one like it that is right. */
export interface Example {
  rule: string;
  language: string;
  wrong: string;
  right: string;
  /** What it is; `block` where it is not said. */
  kind?: 'step' | 'block' | 'document';
}

const of = (language: string, kind: Example['kind'] = 'block') => (rule: string, wrong: string, right: string): Example => ({ rule, language, wrong, right, kind });
const sh = of('bash');
const sql = of('sql');
const yaml = of('yaml');
const js = of('javascript');
const ini = of('ini');
const doc = of('markdown', 'document');

const script = (text: string): string => `#!/bin/bash\n${text}`;
const safe = (text: string): string => `#!/bin/bash\nset -euo pipefail\n${text}`;

const scripts: readonly Example[] = [
  sh('destructive', 'rm -rf /srv/old', 'ls /srv/old'),
  sh('destructive', 'psql -d shop <<EOF\nDELETE FROM orders;\nEOF', 'psql -d shop <<EOF\nSELECT 1;\nEOF'),
  sh('destructive', 'echo $(rm -rf /srv/old)', 'echo "rm -rf /srv/old"'),
  sql('destructive', 'DROP TABLE orders', "SELECT 'DROP TABLE orders'"),
  sh('changing', 'systemctl restart nginx', 'systemctl is-active nginx'),
  yaml('changing', 'commands:\n  - kubectl scale deployment web --replicas=3', 'commands:\n  - kubectl get pods'),
  sh('placeholder', 'curl -fsS http://shop/api/orders/ORDER_ID', 'curl -fsS "http://shop/api/orders/$order"'),
  sh('endless', 'tail -f app.log', 'tail -n 200 app.log'),
  sh('endless', 'top -n 1', 'top -b -n 1'),
  sh('endless', 'psql -h db shop', 'psql -h db shop < dump.sql'),
  sh('endless', 'redis-server', 'redis-cli ping'),
  sh('fence-language', "psql shop\nUPDATE users SET name = 'x' WHERE id = 1;", "psql shop -c \"UPDATE users SET name = 'x' WHERE id = 1\""),
  sh('fence-language', 'max_connections = 200', "awk '{ text = substr($0, 1, 20); print text }' a.log"),
  sh('fence-language', '[pgbouncer]', '[ -f a.ini ]'),
  js('fence-language', 'npm run build', 'const npm = run(build);'),
  sql('fence-language', 'psql -d shop', 'SELECT 1;'),
  sh('lost-status', 'pg_dump shop | gzip > shop.sql.gz', 'set -o pipefail\npg_dump shop | gzip > shop.sql.gz'),
  sh('lost-status', 'pg_restore --list shop.dump | head -10', 'grep error app.log | tail -20'),
  sh('silent-exit', safe('psql -c "SELECT 1" >> "$LOG_FILE" 2>&1'), safe('trap \'echo failed >&2\' ERR\npsql -c "SELECT 1" >> "$LOG_FILE" 2>&1')),
  sh('unset-under-u', 'set -euo pipefail\ncurl -fsS "${WEBHOOK_URL}" || true', 'set -euo pipefail\ncurl -fsS "${WEBHOOK_URL:-}" || true'),
  sh('undefined-variable', 'cp /backups/${DB_NAME}_1.gz /weekly/', 'DB_NAME=shop\ncp /backups/${DB_NAME}_1.gz /weekly/'),
  sh('relative-path', script('find logs/old/ -type f'), script('cd /srv/app || exit 1\nfind logs/old/ -type f')),
  sh('says-complete-anyway', script('npm ci\nnpm test\necho "Update complete"'), safe('npm ci\nnpm test\necho "Update complete"')),
  sh('json-by-hand', 'cat > a.json <<EOF\n{\n  "size": "$(du -s /srv)"\n}\nEOF', 'jq -n --arg size "$(du -s /srv)" \'{size: $size}\' > a.json'),
  sh('whole-log', 'echo "Errors in the last 24 hours"\ngrep -i error app.log', 'echo "All errors"\ngrep -i error app.log'),
  sh('awk-divides', "awk '{s+=$1; n++} END {print s/n}' a.txt", "awk '{s+=$1; n++} END {if (n > 0) print s/n}' a.txt"),
  sh('bytes-as-time', "grep GET access.log | awk '{print $10}'", "grep GET access.log | awk '{print $11}'"),
];

const copies: readonly Example[] = [
  sh('pg-restore-plain', 'pg_restore --list backup.sql', 'pg_restore --list backup.dump'),
  sh('target-time', "pg_restore --target-time '2026-01-01' -d shop base", 'pg_restore -d shop_new shop.dump'),
  sh('restore-over-live', 'psql -h db -d shop < shop.sql', 'createdb -h db shop_new\npsql -h db -d shop_new < shop.sql'),
  sh('restore-over-live', 'pg_restore -h db -d kontor a.dump', 'pg_restore -h db -d kontor_neu a.dump'),
  sh('restore-over-live', 'psql -h db -c "DROP DATABASE shop"\ngunzip < shop.gz | psql -h db shop', 'gunzip < shop.gz | psql -h db scratch'),
  sh('prune-by-age', 'find /backups -name "*.sql.gz" -mtime +7 -delete', 'find /backups -name "*.sql.gz" -mtime +7'),
  sh('prune-before-success', 'pg_dump shop > /backups/a.sql\nfind /backups -mtime +7 -delete', 'set -e\npg_dump shop > /backups/a.sql\nfind /backups -mtime +7 -delete'),
  sh('prune-copied-times', 'rsync -a /data/ /backup/data_1/\nfind /backup -name "data_*" -mtime +30 -exec rm -rf {} \\;', 'cp -r /data /backup/data_1\nfind /backup -name "data_*" -mtime +30 -exec rm -rf {} \\;'),
  sh('files-by-age', 'find /srv/uploads -mtime +90 -delete', 'find /srv/uploads/cache -mtime +90 -delete'),
  sh('gzip-test-as-proof', 'gzip -t backup.sql.gz', 'gzip -t access.log.gz'),
  sh('globals-not-dumped', script('pg_dump -d shop -f shop.dump'), script('pg_dumpall --globals-only > g.sql\npg_dump -d shop -f shop.dump')),
  sh('newest-by-name', 'ls -lht /backups/', 'ls -lht /srv'),
  sh('rsync-one-copy', 'rsync -a /srv/app/ /backup/app/', 'rsync -a /srv/app/ "/backup/app_$(date +%F)/"'),
  sh('rsync-back-mixes', 'rsync -a /backup/data_1/ /srv/data/', 'rsync -a --delete /backup/data_1/ /srv/data_new/'),
  sh('tar-of-secrets', 'tar -czf config.tgz /etc/app/', 'tar -czf - /etc/app/ | age -r KEY > config.age'),
  sh('openssl-enc', 'openssl enc -aes-256-cbc -salt -out a.enc', 'openssl x509 -noout -enddate -in a.pem'),
  sh('upload-unchecked', 'aws s3 cp /backups/a.gz s3://b/', 'set -e\naws s3 cp /backups/a.gz s3://b/'),
  sh('restore-runs-meta', 'psql -h db scratch < dump.sql', 'pg_restore -d scratch a.dump'),
  sh('psql-goes-on', 'psql -h db scratch < dump.sql', 'psql -h db -v ON_ERROR_STOP=1 scratch < dump.sql'),
  sh('psql-goes-on', 'psql -h db shop <<EOF\nSELECT 1;\nSELECT 2;\nEOF', 'psql -h db shop <<EOF\nSELECT 1;\nEOF'),
  sh('no-connection', 'psql -c "SELECT 1"', 'sudo -u postgres psql -c "SELECT 1"'),
  sh('no-connection', 'createdb scratch', 'createdb -h db -U app scratch'),
  sh('peer-postgres', 'psql -U postgres -c "SELECT 1"', 'psql -h db -U postgres -c "SELECT 1"'),
  sh('unquoted-in-statement', 'psql -h db -c "VACUUM $table"', "psql -h db -c \"SELECT '$table'\""),
  sh('psql-padded', 'count=$(psql -h db -t -c "SELECT 1")', 'count=$(psql -h db -At -c "SELECT 1")'),
  sh('vacuum-not-owner', 'psql -h db -U app -c "VACUUM ANALYZE"', 'psql -h db -U app -c "SELECT 1"'),
];

const statements: readonly Example[] = [
  sql('catalog-columns', 'SELECT schemaname, tablename FROM pg_stat_user_tables', 'SELECT schemaname, tablename FROM pg_tables'),
  sh('catalog-columns', 'psql -h db -c "SELECT indexname FROM pg_stat_user_indexes"', 'psql -h db -c "SELECT indexrelname FROM pg_stat_user_indexes"'),
  sql('statements-columns', 'SELECT mean_time FROM pg_stat_statements', 'SELECT mean_time FROM runs'),
  sql('gone-functions', "SELECT pg_start_backup('x')", "SELECT pg_backup_start('x')"),
  sql('stats-are-not-usage', 'SELECT n_distinct FROM pg_stats', 'SELECT null_frac FROM pg_stats'),
  sql('unused-by-scan', 'SELECT * FROM pg_stat_user_indexes WHERE idx_scan = 0', 'SELECT * FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid) WHERE idx_scan = 0 AND NOT indisunique'),
  sql('name-by-concat', "SELECT pg_total_relation_size(schemaname||'.'||tablename) FROM pg_tables", "SELECT pg_total_relation_size(format('%I.%I', schemaname, tablename)::regclass) FROM pg_tables"),
  sql('dead-rows-absolute', 'SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > 1000', 'SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > 50 + 0.2 * n_live_tup'),
  sql('activity-counts-all', 'SELECT count(*) FROM pg_stat_activity;', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"),
  sql('statements-need-extension', 'SELECT query FROM pg_stat_statements', "SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements';\nSELECT query FROM pg_stat_statements"),
  sql('hit-ratio-is-no-bloat', 'SELECT idx_blks_hit, idx_blks_read FROM pg_statio_user_indexes', 'SELECT * FROM pgstatindex($1)'),
  sql('index-locks', 'CREATE INDEX a ON b(c)', 'CREATE INDEX CONCURRENTLY a ON b(c)'),
  sql('index-invalid', 'CREATE INDEX CONCURRENTLY a ON b(c)', 'CREATE INDEX CONCURRENTLY a ON b(c); SELECT indisvalid FROM pg_index'),
  sql('reindex-database', 'REINDEX DATABASE shop', 'REINDEX INDEX CONCURRENTLY a'),
  sql('delete-by-age', "DELETE FROM logs WHERE at < NOW() - INTERVAL '90 days'", "DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE at < NOW() - INTERVAL '90 days' LIMIT 1000)"),
  sql('move-untied', 'INSERT INTO old SELECT * FROM orders WHERE a < 1;\nDELETE FROM orders WHERE a < 1;', 'WITH moved AS (DELETE FROM orders WHERE a < 1 RETURNING *) INSERT INTO old SELECT * FROM moved'),
  sql('terminate-everyone', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle'", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop' AND usename = 'app' AND state = 'idle in transaction'"),
  sql('password-by-hand', "UPDATE users SET password = 'x' WHERE id = 1", "UPDATE users SET name = 'password' WHERE id = 1"),
  sql('vacuum-full', 'VACUUM (FULL, ANALYZE) orders', 'VACUUM (ANALYZE) orders'),
  sql('extension-one-database', 'ALTER EXTENSION pg_stat_statements UPDATE', 'SELECT extversion FROM pg_extension'),
  yaml('vacuum-full-corruption', 'corruption:\n  steps:\n    - "Run VACUUM FULL on affected tables"', 'space:\n  steps:\n    - "Run VACUUM FULL on the archive"'),
  doc('vacuum-full-corruption', 'Corruption: run VACUUM FULL.', 'Corruption: VACUUM FULL is no repair.'),
  doc('vacuum-full-corruption', 'Beschädigung: VACUUM FULL ausführen.', '- VACUUM FULL on a damaged table: it rewrites from what is damaged.'),
  sql('needs-restart', "ALTER SYSTEM SET shared_buffers = '1GB'", "ALTER SYSTEM SET work_mem = '4MB'"),
  sql('needs-reload', "ALTER SYSTEM SET work_mem = '4MB'", "ALTER SYSTEM SET work_mem = '4MB'; SELECT pg_reload_conf()"),
  ini('max-connections', 'max_connections = 200', '# max_connections = 200'),
  ini('pool-mode-transaction', 'pool_mode = transaction', 'pool_mode = session'),
  ini('promote-at-once', "recovery_target_action = 'promote'", "recovery_target_action = 'pause'"),
  ini('target-without-zone', "recovery_target_time = '2026-01-01 14:30:00'", "recovery_target_time = '2026-01-01 14:30:00+00'"),
  ini('recovery-conf', '# in recovery.conf', '# in postgresql.conf'),
];

const hosts: readonly Example[] = [
  sh('no-such-unit', 'systemctl status pm2', 'systemctl is-active pm2-shop'),
  sh('status-for-people', 'systemctl status nginx', 'systemctl is-active nginx'),
  sh('kill-port-both-ends', 'kill $(lsof -ti:3000)', 'kill $(lsof -t -iTCP:3000 -sTCP:LISTEN)'),
  sh('kill-nine', 'kill -9 4711', 'kill 4711'),
  sh('export-then-restart', 'export A=1\npm2 restart web', 'export A=1\npm2 restart web --update-env'),
  sh('pm2-scale-total', 'pm2 scale web 4', 'pm2 scale web +4'),
  sh('pm2-all', 'pm2 restart all', 'pm2 restart web'),
  sh('compose-v1', 'docker-compose up -d', 'docker compose up -d'),
  sh('down-before-up', 'docker compose down\ndocker compose up -d', 'docker compose pull\ndocker compose up -d'),
  sh('floating-tag', 'docker pull shop/web:latest', 'docker pull shop/web:1.4.2'),
  sh('fixed-replicas', 'kubectl scale deployment web --replicas=3', 'kubectl rollout restart deployment web'),
  yaml('fixed-replicas', 'commands:\n  - kubectl scale deployment web --replicas=3', 'note: "kubectl scale deployment web --replicas=3"'),
  sh('sleep-instead-of-wait', 'sleep 30', 'until curl -fsS http://a; do\n  sleep 5\ndone'),
  sh('redis-keys', "redis-cli KEYS 'a:*'", "redis-cli --scan --pattern 'a:*'"),
  sh('second-line-not-run', 'redis-cli\nKEYS a:*', 'redis-cli INFO'),
  sh('curl-does-not-fail', 'curl -s https://shop.test/health', 'curl -fsS --max-time 5 https://shop.test/health'),
  sh('socket-io-parameters', 'curl -f http://a/socket.io/', "curl -f 'http://a/socket.io/?EIO=4&transport=polling'"),
  sh('body-without-type', `curl -f http://a -d '{"a": 1}'`, `curl -f http://a -H 'Content-Type: application/json' -d '{"a": 1}'`),
  sh('grep-json', 'curl -fs https://api.a.test/x | grep "body"', 'curl -fs https://a.test/x | jq -r .body'),
  sh('check-at-once', 'docker compose up -d\ncurl -f http://a', 'docker compose up -d --wait\ncurl -f http://a'),
  sh('reload-after-failed-test', 'nginx -t\nsystemctl reload nginx', 'nginx -t && systemctl reload nginx'),
  sh('certbot-dry-run', 'certbot renew --dry-run', 'certbot renew'),
  sh('ssllabs-host', 'ssllabs-scan --host a.test', 'ssllabs-scan a.test'),
  sh('nmap-needs-root', 'nmap -sS -O a.test', 'sudo -n nmap -sS a.test'),
  sh('download-and-run', 'curl -fsSL https://get.shop.test/agent.sh | sudo bash', 'curl -fsSLo agent.sh https://get.shop.test/agent.sh'),
  sh('download-and-run', 'wget -qO- https://get.shop.test/agent.sh | sh -s -- --yes', 'curl -fsS http://shop/api | python3 -m json.tool'),
  sh('download-and-run', 'bash <(curl -fsSL https://get.shop.test/agent.sh)', 'bash deploy.sh "$(curl -fsS http://shop/version)"'),
  sh('download-and-run', 'sh -c "$(curl -fsSL https://get.shop.test/agent.sh)"', 'curl -fsS http://shop/api | sh check.sh'),
  sh('auth-log', 'grep failure /var/log/auth.log', 'journalctl -u ssh -n 200'),
  sh('dmesg-rights', 'dmesg', 'sudo -n dmesg'),
  sh('sar-needs-package', 'sar -u 1 3', 'vmstat 1 3'),
  sh('netstat-legacy', 'netstat -i', 'ip -s link'),
  sh('logrotate-one-file', 'logrotate /etc/logrotate.d/app', 'logrotate -d /etc/logrotate.conf'),
  sh('apt-upgrade-all', 'apt upgrade -y', 'apt list --upgradable'),
  sh('reboot-marker', '[ -f /var/run/reboot-required ]', 'needrestart -k -b'),
  sh('npm-audit-status', 'npm audit', 'npm ls'),
  sh('project-script', 'npm run build -- --analyze', 'npm run build'),
  sh('pull-on-production', 'git pull origin main', 'git checkout v1.4.2'),
  sh('managed-database', 'DB="${DB:-a.cluster-x.us-east-1.rds.amazonaws.com}"', 'DB="${DB:-db.shop.test}"'),
];

const documents: readonly Example[] = [
  yaml('rate-no-ratio', 'expr: rate(http_requests_total{status=~"5.."}[5m]) > 0.1', 'expr: sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.1'),
  yaml('quantile-of-summary', 'expr: http_request_duration_seconds{quantile="0.95"} > 1', 'expr: histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 1'),
  yaml('metrics-of-no-exporter', 'expr: pg_connections_active / pg_connections_max > 0.9', 'expr: sum(pg_stat_activity_count) / pg_settings_max_connections > 0.9'),
  yaml('value-percent', 'description: "{{ $value }}% of all"', 'description: "{{ $value | humanizePercentage }} of all"'),
  yaml('alertmanager-old-keys', 'route:\n  routes:\n    - match:\n        severity: critical', 'route:\n  routes:\n    - matchers: [severity="critical"]'),
  js('metrics-as-json', "app.get('/metrics', (req, res) => { res.json({ a: 1 }); })", "app.get('/metrics', (req, res) => { res.send(text); })"),
  js('web-vitals-gone', "import { getFID } from 'web-vitals';", "import { onINP } from 'web-vitals';"),
  of('java')('cache-clear', '// Clear expired entries\ncache.clear();', '// All of it\ncache.clear();'),
  of('crontab')('cron-day-or', '0 2 1-7 * SUN /usr/bin/a', '0 2 * * SUN /usr/bin/a'),
  of('crontab')('cron-six-fields', '0 0 2 * * ? /usr/bin/a', '0 2 * * * /usr/bin/a'),
  yaml('cron-six-fields', 'schedule: "0 0 2 * * ?"', 'schedule: "0 2 * * *"'),
  of('java')('scheduled-without-zone', '@Scheduled(cron = "0 0 2 * * ?")', '@Scheduled(cron = "0 0 2 * * ?", zone = "UTC")'),
  doc('zone-abbreviation', '- Hours: 9 AM - 6 PM EST', '- Hours: 9 AM - 6 PM (America/New_York)'),
  doc('zone-abbreviation', '- Hours: 9 AM - 6 PM EST', 'The EST department.'),
  yaml('windows-fall-together', '- time: "Sunday 03:00 UTC"\n- time: "First Sunday 04:00 UTC"', '- time: "Sunday 03:00 UTC"\n- time: "First Monday 04:00 UTC"'),
  doc('phone-letters', 'Call +1-555-EMERGENCY.', 'Call +1-555-0100.'),
  doc('deletion-before-backup', '| 1st | 03:00 | Archive old orders |\n| 1st | 04:00 | Backup |', '| 1st | 05:00 | Archive old orders |\n| 1st | 04:00 | Backup |'),
  doc('script-not-there', '```bash\n#!/bin/bash\n# daily-check.sh\n```\n\n| 09:00 | Check | `check.sh` |', '```bash\n#!/bin/bash\n# check.sh\n```\n\n| 09:00 | Check | `check.sh` |'),
  doc('certificates-without-keys', '- Certificates: `/etc/ssl/certs/`', '- Certificates: `/etc/ssl/certs/`, `/etc/ssl/private/`'),
  doc('two-figures', '- Critical issues: 4 hours\n\n- **Critical issues**: 2 hours', '- Critical issues: 120 minutes\n\n- **Critical issues**: 2 hours'),
  doc('two-figures', '#### Scheduled maintenance\n\n- **Notification**: 48 hours advance notice\n\n#### Alerts\n\n- **Scheduled maintenance**: 24-hour notification', '1. **P1**\n   - Response time: 1 hour\n\n2. **P2**\n   - Response time: 4 hours'),
  yaml('restore-as-rollback', 'rollback:\n  steps:\n    - Restore from last known good backup', 'damage:\n  steps:\n    - Restore from last known good backup'),
];

export const examples: readonly Example[] = [...scripts, ...copies, ...statements, ...hosts, ...documents];
