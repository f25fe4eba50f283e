/** What is made of what the script prints on a host: lines as real hosts print them. */
import { describe, expect, test } from 'vitest';
import { detectMark, readFindings } from '#engine/ssh/detect/index.ts';

const said = (...lines: string[]) => readFindings(['Welcome to web-1', detectMark, ...lines, 'end', ''].join('\n'));
const loopback5432 = 'listen\t0100007F:1538';

describe('servers of Postgres on a host', () => {
  test('are one where a socket and a port are of one server, and the port comes first for who is not let in by the socket', () => {
    expect(said('socket\t/var/run/postgresql/.s.PGSQL.5432', 'socket\t/run/postgresql/.s.PGSQL.5432', loopback5432).postgres).toMatchObject([{ ways: [{ kind: 'tcp', host: '127.0.0.1', port: 5432 }, { kind: 'socket', host: '/var/run/postgresql', port: 5432 }], letsIn: [] }]);
  });
  test('are reached by their socket where it lets the account in, with the databases that were seen', () => {
    const file = '/var/run/postgresql/.s.PGSQL.5432';
    expect(said(`socket\t${file}`, loopback5432, `answer\taccount\t${file}\tversion\t16.3 (Debian 16.3-1.pgdg120+1)`, `answer\taccount\t${file}\tuser\tdeploy`, `answer\taccount\t${file}\tdatabase\tshop`).postgres).toMatchObject([{ version: '16.3', ways: [{ kind: 'socket' }, { kind: 'tcp' }], letsIn: [{ by: 'account', user: 'deploy', host: '/var/run/postgresql', port: 5432 }], databases: ['shop'] }]);
  });
  test('are known by their configuration, when nobody is let in', () => {
    expect(said('socket\t/var/run/postgresql/.s.PGSQL.5433', "config\t/etc/postgresql/15/main/postgresql.conf\tyes\tdata_directory = '/srv/pg/15' # here\u001fport = 5433  # (change requires restart)\u001f").postgres).toMatchObject([{ version: '15', dataFolder: '/srv/pg/15', configFile: '/etc/postgresql/15/main/postgresql.conf', ways: [{ kind: 'socket', port: 5433 }] }]);
  });
  test('are found on a port of their own by how they were started', () => {
    expect(said('listen\t0100007F:D431', 'process\tpostgres\t/usr/lib/postgresql/17/bin/postgres\u001f-D\u001f/srv/pg\u001f-p\u001f54321').postgres).toMatchObject([{ version: '17', dataFolder: '/srv/pg', ways: [{ kind: 'tcp', host: '127.0.0.1', port: 54_321 }] }]);
  });
  test('that listen on one address are reached there, also where it is of IPv6', () => {
    expect(said('listen\t0501000A:1538', 'listen\t00000000000000000000000001000000:1539').postgres.map(({ ways }) => ways[0]?.host)).toEqual(['10.0.1.5', '::1']);
  });
  test('in containers are reached by the port that is published, else by the address that docker gave', () => {
    expect(said('container\tshop-db\tpostgres:16-alpine\tpg_dump (PostgreSQL) 16.4\t172.17.0.2 \t0.0.0.0:5433->5432/tcp', 'listen\t00000000:1539', 'container\tcrm\tpgvector/pgvector:pg17\t\t172.18.0.3 \t5432/tcp').postgres).toMatchObject([
      { container: 'shop-db', version: '16.4', ways: [{ host: '127.0.0.1', port: 5433 }, { host: '172.17.0.2', port: 5432 }] },
      { container: 'crm', version: '17', ways: [{ host: '172.18.0.3', port: 5432 }] },
    ]);
  });
  test('that only are configured, and listen nowhere, are none', () => {
    expect(said('config\t/etc/postgresql/15/main/postgresql.conf\tyes\tport = 5432').postgres).toEqual([]);
  });
});

describe('programs of Postgres on a host', () => {
  test('are offered plainly, by sudo, in containers and in pods', () => {
    expect(said('tool\t/usr/lib/postgresql/9.6/bin/pg_dump\tpg_dump (PostgreSQL) 9.6.24', 'tool\t/usr/bin/pg_dump\tpg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', 'sudo\tpostgres', 'container\tshop-db\tpostgres:16\tpg_dump (PostgreSQL) 16.4\t\t', 'pod\tprod\tshop-0\tmetrics=prom:1\tdb=postgres:16').tools).toEqual([
      { access: { kind: 'plain' }, version: '15.18' },
      { access: { kind: 'sudo', user: 'postgres' }, version: '15.18' },
      { access: { kind: 'docker', container: 'shop-db' }, version: '16.4' },
      { access: { kind: 'kubectl', namespace: 'prod', pod: 'shop-0', container: 'db' }, version: '16' },
    ]);
  });
  test('are never of a container whose name could be an option', () => {
    expect(said('container\t--privileged\tpostgres:16\tpg_dump (PostgreSQL) 16.4\t\t').tools).toEqual([]);
  });
});

describe('what else a host tells', () => {
  test('are its services, each once', () => {
    expect(said('process\tnginx\tnginx: master process /usr/sbin/nginx', 'process\tPM2 v5.3.0: God\tPM2 v5.3.0: God Daemon (/home/deploy/.pm2)', 'process\tnginx\tnginx: master process /usr/sbin/nginx', 'process\tbash\tbash').services.map(({ name }) => name)).toEqual(['nginx', 'PM2']);
  });
  test('are paths, and whether this account may read them', () => {
    expect(said('config\t/etc/postgresql/15/main/postgresql.conf\tno\t', 'folder\t/var/lib/postgresql/15/main\tno').paths).toEqual([{ what: 'configuration', path: '/etc/postgresql/15/main/postgresql.conf', readable: false }, { what: 'data folder', path: '/var/lib/postgresql/15/main', readable: false }]);
  });
  test('is that it may not look into containers', () => {
    expect(said('blind\tdocker').blind).toEqual([expect.stringMatching(/^Containers: /)]);
  });
});
