/** What a step does, out of the field that says it. */
import type { Action, CalledProcedure, Risk, Surroundings } from '#shared/domain/runbook/definition.ts';
import type { Fields } from './tree.ts';

const procedureRisks: Readonly<Record<CalledProcedure, Risk>> = { 'health.check': 'read', 'backup.run': 'change', 'restore.beside': 'change', 'restore.swap': 'destructive', 'restore.undo': 'destructive' };
export const riskOfProcedure = (procedure: CalledProcedure): Risk => procedureRisks[procedure];

/** @param beside the `require` that may stand beside `call`. */
function buildCall(call: Fields, beside: string | null): Action | null {
  const require = call.text('require') ?? beside;
  const runbook = call.text('runbook');
  if (runbook !== null) return { kind: 'runbook', runbook, with: call.record('with'), require: require === 'any' ? 'any' : 'succeeded', withinMs: call.number('within') };
  const procedure = call.text('procedure');
  return procedure === null ? null : { kind: 'procedure', procedure: procedure as CalledProcedure, with: call.record('with'), require };
}

/** @returns null where none is there, or it was refused */
export function buildAction(step: Fields): Action | null {
  const text = (name: string): string | null => step.text(name);
  const sh = text('sh');
  if (sh !== null) return { kind: 'sh', script: sh };
  const sql = text('sql');
  if (sql !== null) return { kind: 'sql', statement: sql };
  const manual = text('manual');
  if (manual !== null) return { kind: 'manual', text: manual };
  const note = text('note');
  if (note !== null) return { kind: 'note', text: note };
  const forMs = step.number('wait');
  if (forMs !== null) return { kind: 'wait', forMs };
  if (step.flag('undo_completed')) return { kind: 'undo-completed' };
  const http = step.group('http');
  if (http !== null) {
    const [path, url] = [http.text('path'), http.text('url')];
    return path === null && url === null ? null : { kind: 'http', method: http.text('method') ?? 'GET', path, url, through: http.text('through'), headers: http.record('headers'), body: http.text('body') };
  }
  const transfer = step.group('transfer');
  if (transfer !== null) {
    const [upload, download, to] = [transfer.text('upload'), transfer.text('download'), transfer.text('to')];
    if (to === null) return null;
    if (upload !== null) return { kind: 'transfer', direction: 'upload', here: upload, there: to };
    return download === null ? null : { kind: 'transfer', direction: 'download', here: to, there: download };
  }
  const decide = step.group('decide');
  if (decide !== null) {
    const ask = decide.text('ask');
    return ask === null ? null : { kind: 'decide', ask, choices: Object.entries(decide.record('choices')).map(([label, to]) => ({ label, to })) };
  }
  const approve = step.group('approve');
  if (approve !== null) return { kind: 'approve', by: approve.texts('by'), show: approve.texts('show') };
  const call = step.group('call');
  return call === null ? null : buildCall(call, text('require'));
}

/** @param around what holds where the piece itself says nothing: the step of an undo or a probe. */
export function buildSurroundings(fields: Fields, around: Surroundings | null): Surroundings {
  const sudo = fields.scalar('sudo');
  return {
    target: fields.text('target') ?? around?.target ?? null,
    database: fields.text('database') ?? around?.database ?? null,
    cwd: fields.text('cwd') ?? around?.cwd ?? null,
    sudo: sudo === true ? 'root' : typeof sudo === 'string' ? sudo : sudo === false ? null : (around?.sudo ?? null),
    shell: (fields.text('shell') ?? around?.shell ?? 'sh') === 'bash' ? 'bash' : 'sh',
    env: { ...around?.env, ...fields.record('env') },
    // What a step is given to read is for itself.
    stdin: fields.text('stdin'),
  };
}
