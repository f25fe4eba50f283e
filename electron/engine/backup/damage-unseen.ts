/**
 * Settings that let a server pass over damage in silence. Under them COPY and count(*) read a damaged page as empty, or
 * as whatever stands in it: the dump, the counts and every proof agree with each other, and rows are missing in all.
 */
import type { PlanFinding } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresSession } from '../postgres/types.ts';
import { damageHidingSql, isOwn, ownerSql, ownerWords, type HidingPlace } from './damage-hiding.ts';

const whose = (place: HidingPlace): string => (isOwn(place.source) ? ownerWords(place) : `the whole server (${place.source})`);

function switchOff(place: HidingPlace): string {
  const { name, source } = place;
  if (source === 'command line') return `Take -c ${name}=on out of the command that starts the server.`;
  return isOwn(source) ? `ALTER ${ownerSql(place)} RESET ${name};` : `ALTER SYSTEM SET ${name} = off; SELECT pg_reload_conf();`;
}

/**
 * Why nothing that is read on this server can be believed, or why nobody can tell; null where nothing speaks for that.
 * @throws postgres.privilege where pg_db_role_setting may not be read
 */
export async function findDamageUnseen(session: PostgresSession): Promise<Required<PlanFinding> | null> {
  const { rows } = await session.query<HidingPlace>(`${damageHidingSql({ of: 'database', roleSettings: true })} ORDER BY name, role, database`);
  const on = rows.filter(({ setting }) => setting === 'on');
  const unseen = rows.filter(({ setting }) => setting === 'unseen');
  const { database } = session.server;
  if (on.length > 0) {
    return {
      state: 'critical',
      title: `The server passes over damage in ${database} in silence`,
      detail: `${on.map((place) => `${place.name} is on for ${whose(place)}`).join('; ')}. Rows in damaged pages would be missing from the dump and from what is counted beside it, and the backup would look proven.`,
      fix: `${on.map(switchOff).join(' ')}  -- as a superuser; then restart the server: pages that were read meanwhile stay in its memory as they were read`,
    };
  }
  if (unseen.length === 0) return null;
  return {
    state: 'warn',
    title: `Nobody can see whether the server passes over damage in ${database} in silence`,
    detail: `${unseen.map((place) => `${place.name} is off for ${whose(place)}`).join('; ')}, which hides what it is for all others. Were it on for them, rows in damaged pages that they have read would be missing from the backup.`,
    fix: `${unseen.map(switchOff).join(' ')}  -- as a superuser; then plan again`,
  };
}

/**
 * For the moment of reading: a plan is older, and a setting of the server counts at once in sessions that are open.
 * @returns in words why nobody can tell; null where nothing speaks for that
 * @throws backup.incomplete
 */
export async function requireDamageSeen(session: PostgresSession): Promise<string | null> {
  const found = await findDamageUnseen(session);
  if (found === null) return null;
  const said = `${found.title}: ${found.detail}`;
  if (found.state === 'critical') throw new PilothouseError('backup.incomplete', said, { hint: found.fix });
  return said;
}
