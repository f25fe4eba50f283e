import { environments, type Environment } from '#shared/domain/environment.ts';
import type { System } from '#shared/contract/systems.ts';
import { adoptPack, withAdoptOptions } from '../adopt-pack.ts';
import { required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findSystem } from '../find.ts';
import { nameToForget, waitingDumps } from '../forget.ts';
import { localTime, shortId, table } from '../text.ts';

function environmentOf(text: string | undefined): Environment {
  const found = environments.find((environment) => environment === text);
  if (found === undefined) throw new UsageError(`"${text}" is no environment.`, `One of: ${environments.join(', ')}.`);
  return found;
}

function listText(systems: readonly System[]): string {
  return table(
    ['NAME', 'ENVIRONMENT', 'DATABASES', 'ID'],
    systems.map((system) => [system.name, system.environment, system.databases.map((database) => database.label).join(', '), shortId(system.id)]),
    'No systems yet. "practice up" makes one to learn on; "system add NAME" adds yours.',
  );
}

export const registerSystem: Register = (program, act) => {
  const system = program.command('system').description('the systems that are looked after');
  system
    .command('list')
    .description('every system')
    .action(
      act(async (session) => {
        const { systems } = await session.call('system.list', {});
        return { document: { systems }, text: listText(systems) };
      }),
    );
  system
    .command('show <system>')
    .description('one system, how it stands')
    .action(
      act(async (session, [name]) => {
        const answer = await session.call('system.get', { systemId: (await findSystem(session, required(name))).id });
        const { card } = answer;
        const proven = card.newestProven === null ? 'no proven backup' : `newest proven backup of ${localTime(card.newestProven.takenAt)}`;
        const databases = answer.system.databases.map((database) => `  ${database.label}: ${database.connection.database} on ${database.connection.host}:${database.connection.port}, ${database.lastError?.message ?? (database.serverVersion === null ? 'never tested' : `Postgres ${database.serverVersion}`)}`);
        return { document: answer, text: [`${answer.system.name} [${answer.system.environment}]: ${card.stateText}, ${proven}`, ...databases].join('\n') };
      }),
    );
  system
    .command('add <name>')
    .description('add a system')
    .option('--environment <which>', environments.join(', '), 'development')
    .action(
      act(async (session, [name], options) => {
        const answer = await session.call('system.add', { name: required(name), environment: environmentOf(textOption(options, 'environment')) });
        return { document: answer, text: `Added ${answer.system.name}. Next: database add "${answer.system.name}" postgres://USER@HOST:PORT/DATABASE\nThresholds, a calendar, severities and runbooks come with a pack: system adopt postgres-server --system "${answer.system.name}"` };
      }),
    );
  withAdoptOptions(system.command('adopt <pack>').description('make a system of a pack, with its thresholds, calendar, people and runbooks; what is proposed is taken unless something else is said')).action(act(adoptPack));
  system
    .command('remove <system>')
    .description('forget a system; its backups and history stay (asks for its name, or needs --confirm NAME)')
    .action(
      act(async (session, [name]) => {
        const found = await findSystem(session, required(name));
        const goes = await waitingDumps(session, ({ systemId }) => systemId === found.id);
        const what = `The databases, hosts, file sets, limits and passwords of ${found.name} are removed from here. Its backups, the copies of its files and its history stay. Nothing is changed on its servers.`;
        const confirmName = await nameToForget(session, { kind: 'system', label: found.name, command: 'system remove', what, goes });
        await session.call('system.remove', { systemId: found.id, confirmName });
        return { document: { removed: found.id }, text: `Forgot ${found.name}. Its backups and its history stay.` };
      }),
    );
};
