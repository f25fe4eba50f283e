import { copyMadeHere } from '#shared/domain/copies-made-here.ts';
import type { PostgresCheck } from '../check.ts';
import { many } from '../figures.ts';
import { evidence, text, unknown, yes } from '../findings.ts';
import { identifier } from '../sql-text.ts';

export const databaseCoverage: PostgresCheck = {
  about: {
    id: 'database-coverage',
    title: 'Databases looked into',
    group: 'availability',
    unit: 'count',
    warn: null,
    critical: null,
    source: 'own',
    question: 'Which databases of this server were looked into, and which were not?',
    meaning: 'Tables, indexes and sequences can only be looked at from inside their own database. What was not looked into may be in any state.',
    causes: ['The role may not connect to a database', 'pg_hba.conf has no line for it', 'The server has more databases than one check looks into'],
    needs: 'CONNECT on every database',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  statement: () => `SELECT datname, datallowconn, datistemplate, has_database_privilege(oid, 'CONNECT') AS may_connect
FROM pg_database
ORDER BY datname`,
  judge(rows, look) {
    const databases = rows.map((row) => {
      const name = text(row.datname);
      const covered = look.covered.get(name);
      if (covered?.state === 'looked') return { name, state: 'looked into', why: '', missed: false, grant: false };
      if (!yes(row.datallowconn)) return { name, state: 'left out', why: 'it allows no connections, so nothing in it changes', missed: false, grant: false };
      if (covered?.state === 'copy') return { name, state: copyMadeHere, why: covered.why, missed: false, grant: false };
      if (covered?.state === 'aside') return { name, state: 'left out', why: covered.why, missed: false, grant: false };
      if (!yes(row.may_connect)) return { name, state: 'not looked into', why: `role ${look.server.user} may not connect to it`, missed: true, grant: true };
      return { name, state: 'not looked into', why: covered?.why ?? look.notListed ?? 'it was made while the check ran', missed: true, grant: false };
    });
    const missed = databases.filter((database) => database.missed);
    const shown = evidence([...missed, ...databases.filter((database) => !database.missed)], { database: (row) => row.name, state: (row) => row.state, why: (row) => row.why });
    const aside = databases.filter((database) => !database.missed && database.state !== 'looked into');
    const looked = databases.length - missed.length - aside.length;
    if (missed.length > 0) {
      const grants = missed.filter((database) => database.grant).map((database) => `GRANT CONNECT ON DATABASE ${identifier(database.name)} TO ${identifier(look.server.user)};`);
      const names = missed.slice(0, 3).map((database) => database.name);
      return {
        ...unknown(`${many(missed.length, 'database')} of ${databases.length} not looked into: ${names.join(', ')}${missed.length > names.length ? ' and more' : ''}`, grants.length > 0 ? grants.join('\n') : 'The evidence says for each database what stood in the way.'),
        value: missed.length,
        evidence: shown,
      };
    }
    return { status: 'ok', value: 0, summary: `${many(looked, 'database')} looked into${aside.length === 0 ? '' : `; left out: ${aside.map((database) => database.name).join(', ')}`}`, meaning: 'No database was missed.', evidence: shown };
  },
};
