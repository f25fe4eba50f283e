/** What commands, statements and requests are found to do: the lists of the design, and how people really write them. */
import { expect, test } from 'vitest';
import { detectRisk } from '#engine/runbooks/format/index.ts';

const destructive: readonly [string, string][] = [
  ['truncate -s0 app.log', 'truncate -s0'],
  ['kill -s9 4711', 'kill -s9'],
  ['gcloud sql instances delete shop', 'gcloud delete'],
  ['az group delete -n shop --yes', 'az delete'],
  ['gsutil -m rm -r gs://shop', 'gsutil rm'],
  ['rclone purge remote:shop', 'rclone purge'],
  ['mongosh shop --eval "db.orders.deleteMany({})"', 'mongosh deleteMany'],
  ['mysqladmin drop shop', 'mysqladmin drop'],
  ['heroku pg:reset', 'heroku pg:reset'],
  ['rails db:drop', 'rails db:drop'],
  ['php artisan migrate:fresh', 'artisan migrate:fresh'],
  ['npm run db:reset', 'npm run db:reset'],
  ['dotnet ef database drop', 'dotnet ef drop'],
  ['terraform apply -destroy', 'terraform -destroy'],
  ['etcdctl del /shop', 'etcdctl del'],
  ['rm -r old', 'rm -r'],
  ['rm -f *.log', 'rm -f'],
  ['rm -rf /srv/old', 'rm -rf'],
  ['rm -fr /srv/old', 'rm -fr'],
  ['rm --recursive old', 'rm --recursive'],
  ['rm old -rf', 'rm -rf'],
  ['/bin/rm -rf old', 'rm -rf'],
  ['\\rm -rf old', 'rm -rf'],
  ['command rm -rf old', 'rm -rf'],
  ['"rm" -rf old', 'rm -rf'],
  ["r''m -rf old", 'rm -rf'],
  ['rm \\\n  -rf old', 'rm -rf'],
  ['sudo rm -rf old', 'rm -rf'],
  ['sudo -n -u app rm -rf old', 'rm -rf'],
  ['env LANG=C rm -rf old', 'rm -rf'],
  ['LANG=C rm -rf old', 'rm -rf'],
  ['nohup nice -n 19 rm -rf old &', 'rm -rf'],
  ['timeout 60 rm -rf old', 'rm -rf'],
  ['busybox rm -rf old', 'rm -rf'],
  ['true && rm -rf old', 'rm -rf'],
  ['true; rm -rf old', 'rm -rf'],
  ['if true; then rm -rf old; fi', 'rm -rf'],
  ['for f in a b; do rm -rf "$f"; done', 'rm -rf'],
  ['ls | xargs -0 rm -f', 'rm -f'],
  ['ls | xargs -I {} rm -f {}', 'rm -f'],
  ['x=$(rm -rf old)', 'rm -rf'],
  ['echo "$(rm -rf old)"', 'rm -rf'],
  ['`rm -rf old`', 'rm -rf'],
  ["sh -c 'rm -rf old'", 'rm -rf'],
  ["bash -lc 'rm -rf old'", 'rm -rf'],
  ["sudo bash -c \"rm -rf old\"", 'rm -rf'],
  ["eval 'rm -rf old'", 'rm -rf'],
  ["trap 'rm -rf old' EXIT", 'rm -rf'],
  ["echo 'rm -rf old' | sh", 'rm -rf'],
  ['sh <<EOF\nrm -rf old\nEOF', 'rm -rf'],
  ['ssh -p 22 web rm -rf old', 'rm -rf'],
  ["ssh web 'rm -rf old'", 'rm -rf'],
  ["su - app -c 'rm -rf old'", 'rm -rf'],
  ['docker exec -it app rm -rf old', 'rm -rf'],
  ['docker compose exec app rm -rf old', 'rm -rf'],
  ['kubectl exec -it app -- rm -rf old', 'rm -rf'],
  ['find . -name "*.log" -delete', 'find -delete'],
  ['find . -mtime +7 -exec rm {} \\;', 'find -exec rm'],
  ['find . -mtime +7 -exec rm -f {} +', 'find -exec rm -f'],
  ['psql -c "DROP TABLE orders"', 'DROP TABLE'],
  ['psql -d shop -tAc "DELETE FROM orders"', 'DELETE FROM'],
  ['psql <<EOF\nTRUNCATE orders;\nEOF', 'TRUNCATE'],
  ['echo "DROP DATABASE shop" | psql', 'DROP DATABASE'],
  ['docker exec db psql -U postgres -c "DELETE FROM orders"', 'DELETE FROM'],
  ['dropdb shop', 'dropdb'],
  ['kill -9 42', 'kill -9'],
  ['kill -KILL 42', 'kill -KILL'],
  ['kill -s KILL 42', 'kill -s KILL'],
  ['pkill node', 'pkill'],
  ['killall node', 'killall'],
  ['docker-compose down', 'docker-compose down'],
  ['docker-compose -f prod.yml down -v', 'docker-compose down'],
  ['docker compose down', 'docker compose down'],
  ['docker system prune -af', 'docker system prune'],
  ['docker rm app', 'docker rm'],
  ['kubectl scale deployment app --replicas=0 -n shop', 'kubectl --replicas=0'],
  ['kubectl delete pod app', 'kubectl delete'],
  ['mkfs.ext4 /dev/sdb1', 'mkfs.ext4'],
  ['mkfs -t ext4 /dev/sdb1', 'mkfs'],
  ['dd if=/dev/zero of=/dev/sdb', 'dd of='],
  ['echo "x" > /etc/nginx/nginx.conf', '> /etc/nginx/nginx.conf'],
  ['cat > .env <<EOF\nA=1\nEOF', '> .env'],
  ['cat a>/etc/hosts', '> /etc/hosts'],
  ['echo x | sudo tee /etc/hosts', 'tee /etc/hosts'],
  ['git reset --hard HEAD~1', 'git reset --hard'],
  ['vacuumdb --full shop', 'vacuumdb --full'],
  ['pg_restore --clean -d shop shop.dump', 'pg_restore --clean'],
  ['redis-cli FLUSHALL', 'redis-cli FLUSHALL'],
  ['aws s3 rm s3://bucket/x', 'aws s3 rm'],
  ['rsync -a --delete a/ b/', 'rsync --delete'],
  ['crontab -r', 'crontab -r'],
  ['reboot', 'reboot'],
  ['curl -X DELETE http://localhost/x', 'curl -X DELETE'],
  ['npx prisma migrate reset', 'prisma migrate reset'],
];

test.each(destructive)('%j is destructive', (script, because) => {
  expect(detectRisk('sh', script)).toEqual({ risk: 'destructive', because: [because] });
});

const changing: readonly [string, string][] = [
  ['systemctl restart app', 'systemctl restart'],
  ['systemctl --user stop app', 'systemctl stop'],
  ['service nginx restart', 'service restart'],
  ['pm2 restart all', 'pm2 restart'],
  ['docker restart app', 'docker restart'],
  ['docker-compose up -d', 'docker-compose up'],
  ['kubectl scale deployment app --replicas=3', 'kubectl scale'],
  ['kubectl rollout undo deployment/app', 'kubectl rollout undo'],
  ['apt-get install -y nginx', 'apt-get install'],
  ['apt update', 'apt update'],
  ['npm install', 'npm install'],
  ['npm update', 'npm update'],
  ['npm run migrate', 'npm run migrate'],
  ['npx prisma migrate deploy', 'prisma migrate deploy'],
  ['alembic upgrade head', 'alembic upgrade'],
  ['python manage.py migrate', 'manage.py migrate'],
  ['psql -c "ALTER SYSTEM SET work_mem = 1"', 'ALTER SYSTEM'],
  ['psql -c "CREATE INDEX a ON b (c)"', 'CREATE INDEX'],
  ['psql -c "UPDATE a SET b = 1"', 'UPDATE … SET'],
  ['psql -f dump.sql', 'psql -f'],
  ['psql shop < dump.sql', 'psql < script'],
  ['gunzip -c dump.sql.gz | psql -h db -U shop shop', 'psql < script'],
  ['docker exec -i db psql -U postgres shop < dump.sql', 'psql < script'],
  ['mysql shop < dump.sql', 'mysql < script'],
  ['curl -fsS https://get.example/install | sudo sh', 'sh < script'],
  ['bash -s < install.sh', 'bash < script'],
  ['pg_restore -d shop shop.dump', 'pg_restore'],
  ['aws s3 cp a s3://bucket/a', 'aws s3 cp'],
  ['aws s3 sync a s3://bucket/', 'aws s3 sync'],
  ['curl -X POST http://localhost/x', 'curl -X POST'],
  ['curl -X PATCH http://localhost/x', 'curl -X PATCH'],
  ['curl -d a=1 http://localhost/x', 'curl -d'],
  ['export SESSION_SECRET=abc', 'export SESSION_SECRET='],
  ['sed -i s/a/b/ file', 'sed -i'],
  ['rm file', 'rm'],
  ['chmod 600 file', 'chmod'],
  ['git pull', 'git pull'],
  ['echo x >> notes', '>> notes'],
  ['pg_dump shop > shop.sql', '> shop.sql'],
  ['echo x | tee -a notes', 'tee notes'],
  ['kill 42', 'kill'],
  ['tar xzf a.tgz', 'tar xzf'],
];

test.each(changing)('%j changes something', (script, because) => {
  expect(detectRisk('sh', script)).toEqual({ risk: 'change', because: [because] });
});

test.each([
  'uptime', 'df -h /var 2>/dev/null', 'ls > /dev/null 2>&1', 'ls > /tmp/list', 'echo "rm -rf /"', "grep 'DROP TABLE' a.sql", '# rm -rf /', 'journalctl -u app --since "1 hour ago" --no-pager', 'systemctl status app', 'systemctl is-active app', 'docker ps', 'docker logs --tail 100 app',
  'docker compose ps', 'kubectl get pods -o json', 'kubectl logs app --tail=100', 'pm2 list', 'service app status', 'git log -1', 'git status', 'crontab -l', 'tar -tzf a.tgz', 'sed s/a/b/ file', 'pg_restore -l a.dump', 'psql -c "SELECT 1"', 'curl -s http://localhost/health', 'curl -s -o /dev/null http://localhost/',
  'redis-cli info', 'apt list --upgradable', 'npm ls', 'dd if=a of=/dev/null', 'kill -0 42', 'command -v rm', 'aws s3 ls', 'our-own-thing --now', 'cat <<EOF\nrm -rf /\nEOF', 'helm list', 'find . -name "*.log"', 'if [ 3 -gt 2 ]; then ls; fi', 'echo $((3 > 2))',
])('%j only reads, or nobody knows more than its author', (script) => {
  expect(detectRisk('sh', script)).toEqual({ risk: 'read', because: [] });
});

test.each(['psql -c "SELECT 1" < /dev/null', 'ls | while read -r name; do psql -c "SELECT 1"; done', 'psql -tA <<EOF\nSELECT 1;\nEOF', 'echo "SELECT 1" | psql', 'psql -l < list', 'ls | sh count.sh'])('%j runs nothing that cannot be seen', (script) => {
  expect(detectRisk('sh', script)).toMatchObject({ risk: 'read' });
});

test('of several commands the worst are named', () => {
  expect(detectRisk('sh', 'systemctl stop app\ndocker-compose down\nrm -rf old\nrm -rf older')).toEqual({ risk: 'destructive', because: ['docker-compose down', 'rm -rf'] });
});

test.each([
  ['DROP TABLE orders', 'DROP TABLE'],
  ['drop   database "shop"', 'DROP DATABASE'],
  ['TRUNCATE orders', 'TRUNCATE'],
  ['DELETE FROM orders', 'DELETE FROM'],
  ['/* look */ delete from orders', 'DELETE FROM'],
  ['WITH gone AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM gone', 'DELETE FROM'],
  ['EXPLAIN ANALYZE DELETE FROM orders', 'DELETE FROM'],
  ['EXPLAIN (ANALYZE, BUFFERS) DELETE FROM orders', 'DELETE FROM'],
  ['SELECT 1; DROP INDEX a', 'DROP INDEX'],
  ['SELECT pg_terminate_backend(pid) FROM pg_stat_activity', 'pg_terminate_backend'],
  ['SELECT pg_catalog.pg_drop_replication_slot(:slot)', 'pg_drop_replication_slot'],
  ['VACUUM FULL orders', 'VACUUM FULL'],
  ['VACUUM (VERBOSE, FULL) orders', 'VACUUM FULL'],
  ['ALTER TABLE orders DROP COLUMN note', 'ALTER TABLE … DROP'],
  ['DO $$ BEGIN DELETE FROM orders; END $$', 'DELETE FROM'],
  ["DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$", 'DROP TABLE'],
  ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE', 'MERGE … DELETE'],
  ["SELECT pg_file_unlink('a')", 'pg_file_unlink'],
])('%j is destructive', (statement, because) => {
  expect(detectRisk('sql', statement)).toEqual({ risk: 'destructive', because: [because] });
});

test.each([
  ['INSERT INTO a VALUES (1)', 'INSERT INTO'],
  ['UPDATE a SET b = 1', 'UPDATE … SET'],
  ['WITH b AS (UPDATE a SET b = 1 RETURNING 1) SELECT * FROM b', 'UPDATE … SET'],
  ['ALTER SYSTEM SET work_mem = 1', 'ALTER SYSTEM'],
  ['CREATE INDEX CONCURRENTLY a ON b (c)', 'CREATE INDEX'],
  ['REINDEX TABLE a', 'REINDEX'],
  ['VACUUM a', 'VACUUM'],
  ['ANALYZE a', 'ANALYZE'],
  ['SELECT pg_reload_conf()', 'pg_reload_conf'],
  ['SELECT pg_cancel_backend(42)', 'pg_cancel_backend'],
  ["SELECT nextval('a')", 'nextval'],
  ['SELECT * FROM a FOR UPDATE', 'FOR UPDATE'],
  ['SELECT a INTO b FROM c', 'SELECT INTO'],
  ['COPY a FROM STDIN', 'COPY … FROM'],
  ['GRANT ALL ON a TO b', 'GRANT'],
  ['CREATE FUNCTION a() RETURNS int LANGUAGE sql AS $$ DELETE FROM b $$', 'CREATE FUNCTION'],
])('%j changes something', (statement, because) => {
  expect(detectRisk('sql', statement)).toEqual({ risk: 'change', because: [because] });
});

test.each(['SELECT 1', "SELECT 'DROP TABLE a'", 'SELECT "delete from" FROM a', '-- DELETE FROM a\nSELECT 1', 'EXPLAIN DELETE FROM a', 'EXPLAIN (ANALYZE) SELECT 1', 'SHOW work_mem', 'SET statement_timeout = 1', 'COPY a TO STDOUT', 'WITH a AS (SELECT 1) SELECT * FROM a', 'SELECT updated FROM updates', 'TABLE a'])('%j only reads', (statement) => {
  expect(detectRisk('sql', statement)).toEqual({ risk: 'read', because: [] });
});

test.each([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['POST', 'change'],
  ['PUT', 'change'],
  ['PATCH', 'change'],
  ['DELETE', 'destructive'],
  ['delete', 'destructive'],
])('a request by %s is %s', (method, risk) => {
  expect(detectRisk('http', method).risk).toBe(risk);
});
