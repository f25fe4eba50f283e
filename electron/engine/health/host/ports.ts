/** Ports that take connections from everywhere. */
import { many } from '../figures.ts';
import { against, evidence, unknown } from '../findings.ts';
import type { HostCheck } from './host-check.ts';
import type { HostSeen } from './read-output.ts';

/** What should be asked by its own applications alone. */
const inner = new Map([
  [1433, 'SQL Server'], [1521, 'Oracle'], [2375, 'Docker without TLS'], [2379, 'etcd'], [3306, 'MySQL or MariaDB'], [5432, 'Postgres'], [5433, 'Postgres'], [5984, 'CouchDB'], [6379, 'Redis or Valkey'],
  [6432, 'PgBouncer'], [8086, 'InfluxDB'], [9042, 'Cassandra'], [9200, 'Elasticsearch or OpenSearch'], [11211, 'memcached'], [27017, 'MongoDB'],
]);

interface Listener {
  port: number;
  everywhere: boolean;
  family: string;
}

/** "  0: 00000000:1538 00000000:0000 0A …": address and port in hexadecimal. */
function listenersOf(seen: HostSeen, id: 'listening' | 'listening-6', family: string): Listener[] {
  return seen.lines(id).flatMap((line): Listener[] => {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:0000 0A /.exec(line);
    return match === null ? [] : [{ port: Number.parseInt(match[2] ?? '', 16), everywhere: /^0+$/.test(match[1] ?? ''), family }];
  });
}

export const openPorts: HostCheck = {
  about: {
    id: 'open-ports',
    title: 'Databases open to all',
    group: 'security',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'own: any is a warning',
    question: 'Does a database or a cache take connections on every address of the host?',
    meaning: 'Only the firewall stands between it and everybody who reaches the host. Whether there is one is not seen from here.',
    causes: ['listen_addresses = \'*\' or bind 0.0.0.0, since another host has to reach it', 'A container publishes its port on all addresses, which goes past most firewalls'],
    needs: 'any account',
  },
  reads: ['listening', 'listening-6'],
  judge(seen, look) {
    if (seen.status('listening') !== 0) return unknown('/proc/net/tcp could not be read', 'Look with: netstat -tln');
    if (seen.text('listening-6') !== null && seen.status('listening-6') !== 0) return unknown('/proc/net/tcp6 could not be read', 'Look with: netstat -tln');
    const all = [...listenersOf(seen, 'listening', 'IPv4'), ...listenersOf(seen, 'listening-6', 'IPv6')];
    const open = [...new Set(all.filter(({ everywhere, port }) => everywhere && inner.has(port)).map(({ port }) => port))].sort((a, b) => a - b);
    const status = against(open.length, look);
    const named = (port: number) => `${inner.get(port) ?? 'unknown'} (${port})`;
    const ports = [...new Set(all.map(({ port }) => port))].sort((a, b) => Number(open.includes(b)) - Number(open.includes(a)) || a - b);
    return {
      status,
      value: open.length,
      summary: open.length === 0 ? `0 of ${many(ports.length, 'port')} that are listened on belong to a database on all addresses` : `${many(open.length, 'port')} of a database on all addresses: ${open.map(named).join(', ')}`,
      ...(status === 'ok' ? { meaning: 'What should be asked by its own applications alone is not open to all, as far as usual ports tell.' } : {}),
      evidence: evidence(ports, { port: (port) => port, 'usually that of': (port) => inner.get(port) ?? null, 'on all addresses': (port) => all.some((one) => one.port === port && one.everywhere), families: (port) => [...new Set(all.filter((one) => one.port === port).map(({ family }) => family))].join(', ') }),
      fix: status === 'ok' ? null : open.includes(5432) || open.includes(5433)
        ? { where: 'shell', do: `sudo -u postgres psql -c "ALTER SYSTEM SET listen_addresses = 'localhost'"`, undo: `sudo -u postgres psql -c "ALTER SYSTEM SET listen_addresses = '*'"`, note: 'Name the addresses that applications use beside localhost, separated by commas. It takes effect with a restart of Postgres. What it was before: SHOW listen_addresses.' }
        : { where: 'shell', do: 'sudo netstat -tlnp || sudo ss -tlnp', undo: null, harmless: true, note: 'Shows which program listens where; it changes nothing. Bind it to 127.0.0.1, or let the firewall pass only those who need it.' },
    };
  },
};
