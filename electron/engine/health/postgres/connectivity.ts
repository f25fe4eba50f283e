import type { PostgresCheck } from '../check.ts';
import { count } from '../figures.ts';
import { against, evidence } from '../findings.ts';

/** Where nothing can be reached this check never runs; the runner then says `critical` in its name. */
export const connectivity: PostgresCheck = {
  about: {
    id: 'connectivity',
    title: 'Connection',
    group: 'availability',
    unit: 'ms',
    warn: 100,
    critical: 500,
    source: 'own; round trip of an empty statement',
    question: 'Can the database be reached, and how long does one round trip take?',
    meaning: 'Every statement of every application pays this time at least once.',
    causes: ['The network between here and there is slow or far', 'The server is overloaded', 'A connection pooler in between is waiting for a free server connection'],
    needs: 'any role that may connect',
  },
  scope: 'managed',
  notOnStandby: null,
  eyes: [],
  statement: () => 'SELECT 1 AS one',
  judge(rows, look) {
    const { server } = look;
    const status = rows.length === 1 ? against(look.statementMs, look) : 'critical';
    return {
      status,
      value: look.statementMs,
      summary: `${count(look.statementMs)} ms for a round trip, ${count(look.connectMs)} ms to connect${server.tls ? ', with TLS' : ', without TLS'}`,
      ...(status === 'ok' ? { meaning: 'The database answers.' } : {}),
      evidence: evidence(
        [
          ['round trip', `${look.statementMs} ms`],
          ['connecting', `${look.connectMs} ms`],
          ['TLS', server.tls ? 'in use' : 'not in use'],
          ['server', server.version],
          ['role', `${server.user}${server.superuser ? ', superuser' : server.monitor ? ', pg_monitor' : ''}`],
          ['recovery', server.standby ? 'standby' : 'primary'],
        ] as const,
        { what: ([what]) => what, value: ([, value]) => value },
      ),
    };
  },
};
