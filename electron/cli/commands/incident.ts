import type { z } from 'zod';
import type { IncidentActInput, IncidentSummary, IncidentView } from '#shared/contract/incidents.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { stateWords, type LinkKind } from '#shared/domain/incident/incident.ts';
import { systemRandom } from '#engine/ports.ts';
import { integerOption, required, textOption, type Register } from '../command.ts';
import type { incidentDocument, incidentListDocument, incidentOpenedDocument } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { findBackup, findSystem, pick } from '../find.ts';
import type { Session } from '../session.ts';
import { duration, localTime, sentence, table } from '../text.ts';
import { writeNew } from '../write-new.ts';

const longestList = 500;

/** By its number ("INC-3" or "3"), or by its id. */
async function findIncident(session: Session, wanted: string): Promise<IncidentSummary> {
  const { incidents } = await session.call('incident.list', { limit: longestList });
  return pick('incident', wanted, incidents, ({ id, number }) => ({ id, names: [`INC-${number}`, String(number)] }), 'Declare one: incident open TITLE --severity p1');
}

const clockText = ({ title, state, dueAt, leftMs, at }: IncidentView['clocks'][number]): string[] => {
  const isLate = state === 'running' && dueAt !== null && Date.parse(dueAt) <= Date.now();
  const words = { running: isLate ? 'passed' : 'runs', stopped: 'stands still', kept: 'kept', missed: 'missed', 'not-needed': 'not needed' }[state];
  return [title, words, dueAt === null ? (leftMs === null ? '' : leftMs <= 0 ? 'none left' : `${duration(leftMs)} left`) : localTime(dueAt), at === null ? '' : `done ${localTime(at)}`];
};

function shown(view: IncidentView): string {
  const { incident, clocks, people, timeline, paused, leftOut } = view;
  const roles = people.roles.filter(({ who }) => who !== null).map(({ title, who }) => `${title}: ${who}`);
  return [
    `INC-${incident.number}  ${incident.title}`,
    `${incident.severity.title}, ${stateWords[incident.state].toLowerCase()}, declared ${localTime(incident.declaredAt)}${incident.systemName === null ? '' : `, ${incident.systemName}`}`,
    ...(paused === null ? [] : [`Its clocks stand still since ${localTime(paused.since)}: ${paused.why}`]),
    ...(view.hours === null ? [] : [view.hours]),
    table(['CLOCK', '', 'DUE', ''], clocks.map(clockText), 'No clocks.'),
    ...(roles.length === 0 ? [] : [roles.join('; ')]),
    table(['NO', 'AT', 'WHAT', 'WHO'], timeline.toReversed().map(({ seq, at, title, detail, actor, linked, corrected }) => [seq === null ? '' : String(seq), localTime(at), `${sentence(detail === '' ? title : `${title}: ${detail}`)}${linked ? '' : ' (meanwhile, not linked)'}${corrected === null ? '' : ` (corrected: ${corrected.text})`}`, actor]), 'Nothing happened.'),
    ...(leftOut === 0 ? [] : [`${leftOut} older entries are left out.`]),
    `Id ${incident.id}`,
  ].join('\n');
}

const documentOf = ({ incident, clocks, timeline }: IncidentView): z.infer<typeof incidentDocument> => ({ incident, clocks, timeline });

/** Does something in an incident, and shows it as it stands afterwards. */
async function does(session: Session, wanted: string | undefined, act: IncidentActInput) {
  const { id, number, seq } = await findIncident(session, required(wanted));
  const { outcome } = await session.call('incident.act', { incidentId: id, expectedSeq: seq, commandId: systemRandom.id(), act });
  if (outcome === 'stale') throw new PilothouseError('incident.changed', `Somebody else did something in INC-${number} at the same moment, so nothing was done.`, { hint: `Look at it and say it again: incident show INC-${number}`, retryable: true });
  const view = await session.call('incident.get', { incidentId: id });
  return { document: documentOf(view), text: shown(view) };
}

function needed(options: Record<string, unknown>, name: string, what: string): string {
  const text = textOption(options, name)?.trim();
  if (text === undefined || text === '') throw new UsageError(`--${name} is missing: ${what}.`);
  return text;
}

async function linkOf(session: Session, options: Record<string, unknown>): Promise<{ what: LinkKind; id: string }> {
  const given = (['operation', 'walkthrough', 'backup'] as const).flatMap((what) => ((id) => (id === undefined ? [] : [{ what, id }]))(textOption(options, what)));
  const [only, ...others] = given;
  if (only === undefined || others.length > 0) throw new UsageError('One of --operation, --walkthrough and --backup says what is linked.');
  return only.what === 'backup' ? { what: 'backup', id: (await findBackup(session, only.id)).id } : only;
}

export const registerIncident: Register = (program, act) => {
  const incident = program.command('incident').description('incidents: what is wrong, since when, who does what, by when something is promised. Nobody is paged by it');

  incident
    .command('open <title>')
    .description('declare an incident')
    .option('--system <system>', 'of this system')
    .option('--severity <key>', 'p1 to p4, or what the system has')
    .option('--unsure', 'not sure of the severity: the next graver one is taken')
    .option('--seen <text>', 'what was seen')
    .option('--declared <instant>', 'when it was declared, in ISO 8601; left out: now')
    .action(
      act(async (session, [title], options) => {
        const systemName = textOption(options, 'system');
        const systemId = systemName === undefined ? null : (await findSystem(session, systemName)).id;
        const { severities } = await session.call('incident.choices', { systemId });
        const wanted = textOption(options, 'severity');
        const list = severities.map(({ key, title: words }) => `${key} (${words})`).join(', ');
        if (wanted === undefined) throw new UsageError('--severity is missing.', `One of: ${list}. Whoever is not sure says --unsure too.`);
        const severity = severities.find(({ key }) => key.toLowerCase() === wanted.toLowerCase());
        if (severity === undefined) throw new UsageError(`There is no severity "${wanted}" here.`, `One of: ${list}.`);
        const declared = textOption(options, 'declared');
        if (declared !== undefined && Number.isNaN(Date.parse(declared))) throw new UsageError(`"${declared}" is no instant.`, 'Write it as 2026-03-04T22:15:00Z.');
        const document: z.infer<typeof incidentOpenedDocument> = await session.call('incident.open', { commandId: systemRandom.id(), title: required(title), systemId, severity: severity.key, unsure: options['unsure'] === true, seen: textOption(options, 'seen') ?? '', ...(declared === undefined ? {} : { declaredAt: new Date(declared).toISOString() }) });
        return { document, text: `INC-${document.number} is declared as ${document.severity}. Nobody was paged: this computer cannot. Its id is ${document.incidentId}` };
      }),
    );

  incident
    .command('list')
    .description('incidents, those that are open first')
    .option('--system <system>', 'of this system alone')
    .option('--open', 'without those that are closed')
    .action(
      act(async (session, _positionals, options) => {
        const systemName = textOption(options, 'system');
        const system = systemName === undefined ? null : await findSystem(session, systemName);
        const document: z.infer<typeof incidentListDocument> = await session.call('incident.list', { limit: longestList, ...(system === null ? {} : { systemId: system.id }), ...(options['open'] === true ? { open: true } : {}) });
        const rows = document.incidents.map(({ number, severity, state, title, systemName: of, declaredAt, next }) => [`INC-${number}`, severity.title, stateWords[state], title, of ?? '', localTime(declaredAt), next === null ? '' : `${next.title} ${localTime(next.dueAt)}`]);
        return { document, text: table(['NUMBER', 'SEVERITY', 'STATE', 'TITLE', 'SYSTEM', 'DECLARED', 'NEXT'], rows, 'No incidents.') };
      }),
    );

  incident
    .command('show <incident>')
    .description('one incident: its clocks, who does what, everything that happened')
    .action(
      act(async (session, [wanted]) => {
        const { id } = await findIncident(session, required(wanted));
        const view = await session.call('incident.get', { incidentId: id });
        return { document: documentOf(view), text: shown(view) };
      }),
    );

  incident
    .command('text <incident> [template]')
    .description('a text that is prepared, filled from the log; you send it')
    .action(
      act(async (session, [wanted, name]) => {
        const { id } = await findIncident(session, required(wanted));
        const { texts } = await session.call('incident.get', { incidentId: id });
        const found = pick('text', name ?? texts[0]?.key ?? '', texts, ({ key, title }) => ({ id: key, names: [key, title] }));
        return { document: { text: found }, text: found.unknown.length === 0 ? found.text : `${found.text}\nNothing here stands for: ${found.unknown.join(', ')}` };
      }),
    );

  incident.command('ack <incident>').description('acknowledge it').option('--by <name>', 'who did').action(act((session, [wanted], options) => does(session, wanted, { kind: 'acknowledge', by: textOption(options, 'by') ?? '' })));
  incident.command('respond <incident>').description('work on it has begun').option('--by <name>', 'who does').action(act((session, [wanted], options) => does(session, wanted, { kind: 'respond', by: textOption(options, 'by') ?? '' })));
  incident
    .command('note <incident> <text>')
    .description('write down what happened')
    .option('--correct <number>', 'instead: what the entry of this number should have said')
    .action(
      act((session, [wanted, text], options) => {
        const seq = integerOption(options, 'correct', { min: 1, max: 1_000_000 });
        return does(session, wanted, seq === undefined ? { kind: 'note', text: required(text) } : { kind: 'correct', seq, text: required(text) });
      }),
    );
  incident
    .command('update <incident> <text>')
    .description('write down the update that you have sent; the next one is due from then on')
    .option('--to <whom>', 'whom it went to')
    .option('--channel <key>', 'by which channel of the system')
    .action(act((session, [wanted, text], options) => does(session, wanted, { kind: 'update', text: required(text), to: textOption(options, 'to') ?? '', channel: textOption(options, 'channel') ?? null })));
  incident
    .command('severity <incident> <severity>')
    .description('change the severity; its clocks count from when the incident was declared')
    .option('--reason <text>', 'why')
    .action(act((session, [wanted, severity], options) => does(session, wanted, { kind: 'severity', severity: required(severity), reason: needed(options, 'reason', 'say why the severity changes') })));
  incident
    .command('assign <incident> <role> [who]')
    .description('give a role to somebody; without a name nobody has it any more')
    .option('--contact <key>', 'a contact of the system')
    .action(act((session, [wanted, role, who], options) => does(session, wanted, { kind: 'assign', role: required(role), who: who ?? '', contact: textOption(options, 'contact') ?? null })));
  incident
    .command('escalate <incident>')
    .description('write down to whom you have passed it on')
    .option('--to <whom>', 'whom')
    .option('--tier <key>', 'a tier of the system')
    .option('--contact <key>', 'a contact of the system')
    .option('--how <text>', 'how: by telephone, by mail')
    .option('--by <name>', 'who did')
    .action(act((session, [wanted], options) => does(session, wanted, { kind: 'escalate', to: textOption(options, 'to') ?? '', tier: textOption(options, 'tier') ?? null, contact: textOption(options, 'contact') ?? null, how: textOption(options, 'how') ?? '', by: textOption(options, 'by') ?? '' })));
  incident
    .command('link <incident>')
    .description('make an operation, a walkthrough or a backup part of it')
    .option('--operation <id>', 'an operation')
    .option('--walkthrough <id>', 'a walkthrough')
    .option('--backup <backup>', 'a backup')
    .action(act(async (session, [wanted], options) => does(session, wanted, { kind: 'link', ...(await linkOf(session, options)) })));
  for (const [name, kind, description] of [['mitigate', 'mitigate', 'it does no more harm'], ['resolve', 'resolve', 'its cause is gone'], ['close', 'close', 'nothing is left to do']] as const) {
    incident.command(`${name} <incident>`).description(description).option('--text <text>', 'what was done').action(act((session, [wanted], options) => does(session, wanted, { kind, text: textOption(options, 'text') ?? '' })));
  }
  for (const [name, kind, description] of [['reopen', 'reopen', 'it came back'], ['pause', 'pause', 'let its clocks stand still'], ['resume', 'resume', 'let its clocks go on']] as const) {
    incident
      .command(`${name} <incident>`)
      .description(description)
      .option('--reason <text>', 'why')
      .action(act((session, [wanted], options) => does(session, wanted, { kind, reason: kind === 'resume' ? (textOption(options, 'reason') ?? '') : needed(options, 'reason', 'say why') })));
  }

  incident
    .command('report <incident>')
    .description('its report, from the log: how long, which promises were kept, who did what')
    .option('--format <format>', 'markdown, html or json', 'markdown')
    .option('--out <file>', 'write it into a new file, for you alone')
    .action(
      act(async (session, [wanted], options) => {
        const format = textOption(options, 'format');
        if (format !== 'markdown' && format !== 'html' && format !== 'json') throw new UsageError(`"${format}" is no format.`, 'One of: markdown, html, json.');
        const { id, number } = await findIncident(session, required(wanted));
        const { content, fileName, mediaType } = await session.call('incident.export', { incidentId: id, format });
        const path = textOption(options, 'out') ?? null;
        if (path !== null) await writeNew(path, content);
        return { document: { export: { fileName, mediaType, path, content: path === null ? content : null } }, text: path === null ? content : `${path}: the report of INC-${number}.`, verbatim: path === null };
      }),
    );
};
