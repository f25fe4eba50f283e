import { endpointItem } from '#shared/contract/items.ts';
import type { EndpointFound } from '#shared/contract/endpoints.ts';
import { worstHealth } from '#shared/domain/health-state.ts';
import { integerOption, listOption, required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findSystem, pick } from '../find.ts';
import { prepareHosts } from '../secrets.ts';
import type { Session } from '../session.ts';
import { duration, sentence, table } from '../text.ts';

const longestMs = 600_000;

async function endpointsOf(session: Session, systemId: string) {
  const { items } = await session.call('item.list', { systemId, kind: 'endpoint' });
  return items.map(({ key, standing, value }) => ({ key, standing, value: endpointItem.parse(value) }));
}

async function findEndpoint(session: Session, systemId: string, wanted: string) {
  return pick('endpoint', wanted, await endpointsOf(session, systemId), ({ key, value }) => ({ id: key, names: [value.title] }), 'Add one: endpoint add SYSTEM TITLE https://…');
}

/** "$.status=ok": what stands behind the sign is a number, true or false where it looks like one. */
function jsonOf(text: string | undefined): { path: string; equals: string | number | boolean } | null {
  if (text === undefined) return null;
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--field takes a path and a value, not "${text}".`, 'As in --field "$.status=ok".');
  const value = text.slice(at + 1);
  return { path: text.slice(0, at), equals: /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(value) ? (JSON.parse(value) as number | boolean) : value };
}

function statusesOf(options: Record<string, unknown>): number[] | undefined {
  const given = listOption(options, 'status')?.map(Number);
  if (given?.some((status) => !Number.isInteger(status) || status < 100 || status > 599) === true) throw new UsageError('--status takes statuses of HTTP from 100 to 599, as in 200,301.');
  return given;
}

const lines = (found: readonly EndpointFound[]): string => table(['STATUS', 'CHECK', 'WHAT'], found.map(({ status, title, summary }) => [status, title, sentence(summary)]), 'Nothing was looked at.');
const exits = { ok: 0, warn: 1, critical: 2, unknown: 3, skipped: 0 } as const;

export const registerEndpoint: Register = (program, act) => {
  const endpoint = program.command('endpoint').description('addresses of a system that its health check looks at');

  endpoint
    .command('list <system>')
    .description('the endpoints of a system')
    .action(
      act(async (session, [name]) => {
        const system = await findSystem(session, required(name));
        const endpoints = await endpointsOf(session, system.id);
        const limit = (ms: number | null): string => (ms === null ? '' : duration(ms));
        const rows = endpoints.map(({ key, standing, value }) => [key, value.title, value.url, value.status.join(','), limit(value.warnMs), limit(value.criticalMs), value.through ?? 'this computer', standing]);
        return { document: { endpoints }, text: table(['KEY', 'TITLE', 'ADDRESS', 'STATUS', 'WARN', 'CRITICAL', 'FROM', 'STANDING'], rows, 'No endpoints yet. Add one: endpoint add SYSTEM TITLE https://…') };
      }),
    );

  endpoint
    .command('add <system> <title> <url>')
    .description('add an endpoint; what it answers is judged by the health check')
    .option('--status <list>', 'statuses that are well', '200')
    .option('--warn-ms <n>', 'warn where the whole answer takes so many milliseconds')
    .option('--critical-ms <n>', 'critical where it takes so many milliseconds')
    .option('--matches <pattern>', 'a regular expression that the body has to match')
    .option('--field <path=value>', 'a field of a JSON body, and what it has to be: "$.status=ok"')
    .option('--head', 'ask by HEAD, without the body')
    .option('--through <role>', 'the role of the host that makes the connection; without, this computer does')
    .action(
      act(async (session, [name, title, url], options) => {
        const system = await findSystem(session, required(name));
        const [warnMs, criticalMs] = (['warnMs', 'criticalMs'] as const).map((option) => integerOption(options, option, { min: 1, max: longestMs }) ?? null);
        const value = { title: required(title), url: required(url), method: options['head'] === true ? 'HEAD' : 'GET', status: statusesOf(options), warnMs, criticalMs, bodyMatches: textOption(options, 'matches') ?? null, json: jsonOf(textOption(options, 'field')), through: textOption(options, 'through') ?? null };
        const { item } = await session.call('item.save', { systemId: system.id, kind: 'endpoint', key: null, value });
        return { document: { key: item.key, endpoint: item.value }, text: `${item.title} is added as ${item.key}. Try it: endpoint test "${system.name}" ${item.key}` };
      }),
    );

  endpoint
    .command('test <system> <endpoint>')
    .description('ask an endpoint once; exit status as of health: 0 ok, 1 warn, 2 critical, 3 unknown')
    .action(
      act(async (session, [name, wanted]) => {
        const system = await findSystem(session, required(name));
        const { key, value } = await findEndpoint(session, system.id, required(wanted));
        if (value.through !== null) {
          const { adoption } = await session.call('pack.standing', { systemId: system.id });
          const binding = adoption?.bindings[value.through];
          if (binding !== undefined && 'hostId' in binding) await prepareHosts(session, [binding.hostId]);
        }
        const { found } = await session.call('endpoint.test', { systemId: system.id, endpoint: { key } });
        return { document: { key, found }, text: `${value.title} (${key})\n${lines(found)}`, status: exits[worstHealth(found.map(({ status }) => status))] };
      }),
    );

  endpoint
    .command('remove <system> <endpoint>')
    .description('remove an endpoint; one of a pack stays away at its updates')
    .action(
      act(async (session, [name, wanted]) => {
        const system = await findSystem(session, required(name));
        const { key, value } = await findEndpoint(session, system.id, required(wanted));
        await session.call('item.remove', { systemId: system.id, kind: 'endpoint', key });
        return { document: { removed: key }, text: `${value.title} is removed. What was seen of it stays in the runs that are kept.` };
      }),
    );
};
