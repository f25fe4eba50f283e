/** Procedures of the console that a runbook calls: what they are planned with, and how their end is judged. */
import type { EngineClient } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { proofLevels, type ProofLevel } from '#shared/domain/proof.ts';
import type { Action, Value } from '#shared/domain/runbook/definition.ts';
import type { Binding, Verdict } from '#shared/domain/runbook/walkthrough.ts';
import { duration } from '#shared/domain/runbook/params.ts';

export type CalledAction = Extract<Action, { kind: 'procedure' }>;

export interface Call {
  action: CalledAction;
  /** `with`, filled in. */
  settings: Readonly<Record<string, string>>;
  systemId: string | null;
  /** What the step is about; null where it names no target. */
  binding: Binding | null;
  /** Values of the walkthrough: those of earlier calls stand there as `<step>.restoreId`. */
  values: Readonly<Record<string, Value>>;
  /** The step that a step takes its restore from; null where it takes it from none. */
  fromOf: (stepId: string) => string | null;
}

const wrong = (action: CalledAction, message: string, hint: string) => new PilothouseError('runbook.value-invalid', `${action.procedure}: ${message}`, { hint });

/** The one of the target, or that of another name on the same server. */
async function databaseOf({ action, binding, settings }: Call, ask: EngineClient): Promise<string> {
  if (binding?.kind !== 'postgres') throw wrong(action, 'it names no database.', 'Give the step a target of kind postgres.');
  const wanted = settings['database'];
  if (wanted === undefined || wanted === binding.database) return binding.databaseId;
  const { systems } = await ask.call('system.list', {});
  const all = systems.flatMap(({ databases }) => databases);
  const server = all.find(({ id }) => id === binding.databaseId)?.connection;
  const found = all.find(({ connection }) => connection.database === wanted && server !== undefined && connection.host === server.host && connection.port === server.port && connection.viaId === server.viaId);
  if (found === undefined) throw wrong(action, `the database ${wanted} on the server of ${binding.label} is none that is managed here.`, 'Add it to the system first, or name another one.');
  return found.id;
}

/** That of the step, or where nobody heard how that ended, the one that it was told to take itself. */
function restoreOf({ action, settings, values, fromOf }: Call): string {
  const { from, restore } = settings;
  if (restore !== undefined) return restore;
  const passed = new Set<string>();
  for (let at = from ?? null; at !== null && !passed.has(at); at = fromOf(at)) {
    const found = values[`${at}.restoreId`];
    if (typeof found === 'string') return found;
    passed.add(at);
  }
  throw wrong(action, from === undefined ? 'it does not say which restore.' : `the step ${from} has made no restore yet.`, 'Name the step that restores: with: { from: beside }.');
}

function proofOf({ action, settings }: Call): ProofLevel | undefined {
  const wanted = settings['proof'] ?? (proofLevels as readonly string[]).find((level) => level === action.require);
  if (wanted === undefined) return undefined;
  const level = proofLevels.find((each) => each === wanted);
  if (level === undefined) throw wrong(action, `"${wanted}" is no proof.`, `Write one of ${proofLevels.join(', ')}.`);
  return level;
}

async function backupFor(call: Call, ask: EngineClient, now: number): Promise<string> {
  const { action, settings } = call;
  const databaseId = await databaseOf(call, ask);
  const wanted = settings['backup'] ?? 'newest-proven';
  const isNamed = wanted !== 'newest-proven' && wanted !== 'newest';
  const backups = isNamed ? [(await ask.call('backup.get', { backupId: wanted })).backup] : (await ask.call('backup.list', { databaseId, limit: 1000 })).backups;
  const whole = isNamed ? backups : backups.filter(({ damaged, proof }) => damaged === null && (wanted === 'newest' || proof === 'L3'));
  const [newest] = whole;
  if (newest === undefined) throw wrong(action, wanted === 'newest' ? 'there is no copy of this database.' : 'there is no proven copy of this database.', 'Back it up with proof L3 first, or prove one that there is.');
  const limit = settings['max_age'] === undefined ? null : duration(settings['max_age']);
  if (limit === null && settings['max_age'] !== undefined) throw wrong(action, `"${settings['max_age']}" is no time, so that nobody can tell whether a copy is too old.`, 'Write max_age as 30m, 26h or 7d.');
  const age = now - Date.parse(newest.takenAt);
  if (limit !== null && age < 0) throw wrong(action, `the copy of ${newest.takenAt} is dated ahead of this computer's clock, so that nobody knows how old it is.`, 'Set the clock right, or name no max_age.');
  if (limit !== null && age > limit) throw wrong(action, `the newest copy that will do is of ${newest.takenAt}, which is older than ${settings['max_age']}.`, 'Accept more loss by a longer max_age, or back up first if the database still answers.');
  return newest.id;
}

/** @throws runbook.value-invalid, and what planning throws */
export async function planCalled(call: Call, ask: EngineClient, now: number): Promise<Plan> {
  const { action, settings, systemId } = call;
  switch (action.procedure) {
    case 'health.check': {
      if (systemId === null) throw wrong(action, 'this walkthrough is of no system.', 'Begin it for a system.');
      const only = settings['only']?.split(',').map((each) => each.trim()).filter((each) => each !== '');
      return (await ask.call('health.plan', { systemId, ...(only === undefined ? {} : { only }) })).plan;
    }
    case 'backup.run': {
      const proof = proofOf(call);
      const databaseId = await databaseOf(call, ask);
      return (await ask.call('backup.plan', { databaseId, ...(proof === undefined ? {} : { options: { proof } }) })).plan;
    }
    case 'restore.beside': {
      const databaseId = await databaseOf(call, ask);
      const backupId = await backupFor(call, ask, now);
      const { into } = settings;
      return (await ask.call('restore.plan', { backupId, databaseId, ...(into === undefined ? {} : { into }) })).plan;
    }
    case 'restore.swap':
      return (await ask.call('restore.planSwap', { restoreId: restoreOf(call) })).plan;
    case 'restore.undo':
      return (await ask.call('restore.planUndo', { restoreId: restoreOf(call) })).plan;
  }
}

const textOf = (operation: Operation): string => operation.error?.message ?? operation.summary ?? operation.state;

/** What came of one that is over, and the ids to go on with. Never a success that was not one. */
export async function judgeCalled(action: CalledAction, operation: Operation, stepId: string, ask: EngineClient): Promise<{ verdicts: Verdict[]; captured: Record<string, Value> }> {
  const captured: Record<string, Value> = {};
  for (const name of ['backupId', 'restoreId', 'runId']) {
    const found = operation.result?.[name];
    if (typeof found === 'string') captured[`${stepId}.${name}`] = found;
  }
  const succeeded = operation.state === 'succeeded' || operation.state === 'succeeded-with-warnings';
  const verdicts: Verdict[] = [{ say: `${operation.title} succeeded`, ok: succeeded, seen: textOf(operation).slice(0, 200) }];
  if (!succeeded) return { verdicts, captured };
  const { require } = action;
  const made = { 'health.check': 'runId', 'backup.run': 'backupId', 'restore.beside': 'restoreId', 'restore.swap': null, 'restore.undo': null }[action.procedure];
  // What is required has to be looked at somewhere.
  if (require !== null && made !== null && typeof operation.result?.[made] !== 'string') verdicts.push({ say: `It is ${require}`, ok: false, seen: 'it did not say what it made, so that nothing could be looked at' });
  if (action.procedure === 'health.check' && typeof operation.result?.['runId'] === 'string') {
    const { run } = await ask.call('health.run', { runId: operation.result['runId'] });
    captured[`${stepId}.state`] = run.status ?? 'unknown';
    if (require !== null) {
      const allowed = require === 'ok' ? ['ok'] : require === 'warn' ? ['ok', 'warn'] : ['ok', 'warn', 'unknown', 'critical'];
      verdicts.push({ say: require === 'ok' ? 'Every check is ok' : 'Nothing is critical, and all was looked at', ok: run.status !== null && allowed.includes(run.status), seen: run.status ?? 'no result' });
    }
  }
  if (action.procedure === 'backup.run' && typeof operation.result?.['backupId'] === 'string') {
    const { backup } = await ask.call('backup.get', { backupId: operation.result['backupId'] });
    const wanted = proofLevels.find((level) => level === (require ?? action.with['proof']));
    if (wanted !== undefined) verdicts.push({ say: `The copy is proven to ${wanted}`, ok: backup.proof !== null && proofLevels.indexOf(backup.proof) >= proofLevels.indexOf(wanted), seen: backup.proof === null ? 'no proof' : `${backup.proof}, ${backup.rows.toLocaleString('en')} rows in ${backup.tables} tables` });
  }
  if (action.procedure === 'restore.beside' && typeof operation.result?.['restoreId'] === 'string') {
    const { restore } = await ask.call('restore.get', { restoreId: operation.result['restoreId'] });
    captured[`${stepId}.database`] = restore.into;
    if (require === 'equal') verdicts.push({ say: 'Every count equals the backup', ok: restore.equal === true, seen: restore.equal === true ? `${restore.rows.toLocaleString('en')} rows in ${restore.tables} tables` : restore.equal === null ? 'not compared' : restore.differences.join('; ').slice(0, 200) });
  }
  return { verdicts, captured };
}

const procedureTitles: Record<CalledAction['procedure'], string> = {
  'health.check': 'Check the health',
  'backup.run': 'Back up',
  'restore.beside': 'Restore a copy beside, and compare it',
  'restore.swap': 'Put the restored copy in place of the live database; that one is kept',
  'restore.undo': 'Take the swap back',
};

/**
 * What is called, in words, for a preview: what exactly it will do is in its plan.
 * @param of "shop on db-1:5432"
 * @param settings with what is known by now, one a line: "max_age: 26h"
 */
export function procedureWords({ procedure, require }: CalledAction, of: string | null, settings: readonly string[]): string {
  return [`${procedureTitles[procedure]}${of === null ? '' : `, of ${of}`}`, ...settings, ...(require === null ? [] : [`has to be: ${require}`])].join('\n');
}
