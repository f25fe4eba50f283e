import type { HostFindings } from '#shared/contract/detection.ts';
import type { Host } from '#shared/contract/hosts.ts';
import { accessWords, wayWords } from '#shared/domain/found-words.ts';
import { required, type Register } from '../command.ts';
import { findHost } from '../find.ts';
import { prepareHosts } from '../secrets.ts';
import { table } from '../text.ts';

function serverRow({ version, container, ways, databases, letsIn, dataFolder }: HostFindings['postgres'][number]): string[] {
  const details = [
    `on ${ways.map(wayWords).join(' and ')}`,
    ...(container === null ? [] : [`in the container ${container}`]),
    ...(databases.length === 0 ? [] : [`databases ${databases.join(', ')}`]),
    ...letsIn.map(({ by, user }) => `lets in ${user} without a password${by === 'sudo' ? ', by sudo' : ''}`),
    ...(dataFolder === null ? [] : [`data in ${dataFolder}`]),
  ];
  return ['Postgres', version ?? 'version unknown', details.join('; ')];
}

function findingsText(host: Host, { account, postgres, tools, services, paths, blind }: HostFindings): string {
  const user = account ?? host.connection.user;
  const rows = [
    ...postgres.map(serverRow),
    ...tools.map(({ access, version }) => ['program', `pg_dump ${version}`.trim(), accessWords(access, user)]),
    ...services.map(({ name, detail }) => ['service', name, detail]),
    ...paths.map(({ what, path, readable }) => ['path', path, `${what}, ${readable ? 'readable' : `not readable for ${user}`}`]),
  ];
  return [`${host.label}, as ${user} sees it. Nothing was changed there.`, table(['WHAT', 'FOUND', 'MORE'], rows, 'None of what is looked for was found.'), ...(blind.length === 0 ? [] : ['Not seen:', ...blind.map((line) => `  ${line}`)])].join('\n');
}

/** "host detect": what runs on a host, before somebody says how its databases are reached. */
export const registerHostDetect: Register = (host, act) => {
  host
    .command('detect <host>')
    .description('what runs on a host: servers of Postgres, their programs, containers, services and paths, and what could not be seen and why; it only reads')
    .action(
      act(async (session, [name]) => {
        const found = await findHost(session, required(name));
        await prepareHosts(session, [found.id]);
        const findings = await session.call('host.detect', { hostId: found.id });
        return { document: { host: found, findings }, text: findingsText(found, findings) };
      }),
    );
};
