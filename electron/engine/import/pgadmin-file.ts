/** The list of servers that pgAdmin exports (servers.json). It holds no passwords. */
import { z } from 'zod';

const text = z.string().max(1024);
const server = z.object({
  Name: text.optional(),
  Host: text.optional(),
  HostAddr: text.optional(),
  Port: z.union([z.number().int(), z.string().regex(/^\d{1,5}$/)]).optional(),
  MaintenanceDB: text.optional(),
  Username: text.optional(),
  SSLMode: text.optional(),
  Service: text.optional(),
  UseSSHTunnel: z.union([z.number(), z.boolean()]).optional(),
  TunnelHost: text.optional(),
  ConnectionParameters: z.record(z.string(), z.union([text, z.number(), z.boolean()])).optional(),
});
const list = z.object({ Servers: z.record(z.string(), z.unknown()) });

export interface PgadminServer {
  /** By which it stands in the list. */
  number: string;
  name: string;
  /** By libpq's keywords. */
  values: Map<string, string>;
  tunnel: string | null;
  problem: string | null;
}

/** @returns a problem where it is not such a list */
export function readPgadminFile(content: string): { servers: PgadminServer[] } | { problem: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const file = list.safeParse(parsed);
  if (!file.success) return { problem: 'it has no list of "Servers", as pgAdmin writes it' };
  return {
    servers: Object.entries(file.data.Servers).map(([number, entry]) => {
      const read = server.safeParse(entry);
      if (!read.success) return { number, name: `Server ${number}`, values: new Map<string, string>(), tunnel: null, problem: 'It is not written as pgAdmin does it.' };
      const { Name, Host, HostAddr, Port, MaintenanceDB, Username, SSLMode, Service, UseSSHTunnel, TunnelHost, ConnectionParameters = {} } = read.data;
      const mode = SSLMode ?? ConnectionParameters['sslmode'];
      const values = new Map<string, string>();
      for (const [key, value] of [['host', Host], ['hostaddr', HostAddr], ['port', Port], ['dbname', MaintenanceDB], ['user', Username], ['sslmode', mode], ['sslrootcert', ConnectionParameters['sslrootcert']]] as const) if (value !== undefined && value !== '') values.set(key, String(value));
      const tunnel = Number(UseSSHTunnel ?? 0) === 0 ? null : (TunnelHost ?? '');
      return { number, name: Name ?? `Server ${number}`, values, tunnel, problem: Service !== undefined && Service !== '' ? 'It is reached by a service: import the service file instead.' : null };
    }),
  };
}
