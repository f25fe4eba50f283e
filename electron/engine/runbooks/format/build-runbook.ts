/** A runbook out of what was read: defaults are filled in, what an undo or a probe does not say is taken from its step. */
import type { Action, Contact, Param, Risk, Runbook, Step, TargetRole, UndoStep, Value } from '#shared/domain/runbook/definition.ts';
import { detectRisk } from '../../rules/index.ts';
import { buildAction, buildSurroundings, riskOfProcedure } from './build-action.ts';
import { buildCaptures, buildExpectations, buildMatcher } from './build-matcher.ts';
import type { Faults } from './faults.ts';
import type { StepPlace } from './lint/ground.ts';
import { Fields, type Piece } from './tree.ts';

/** What a step may do by what it is; what a person does is `read`, nothing is sent for it. */
export function riskOfAction(action: Action): { risk: Risk; because: string[] } {
  switch (action.kind) {
    case 'sh':
      return detectRisk('sh', action.script);
    case 'sql':
      return detectRisk('sql', action.statement);
    case 'http':
      return detectRisk('http', action.method);
    case 'transfer':
      return action.direction === 'upload' ? { risk: 'change', because: ['upload'] } : { risk: 'read', because: [] };
    case 'procedure': {
      const risk = riskOfProcedure(action.procedure);
      return { risk, because: risk === 'read' ? [] : [action.procedure] };
    }
    default:
      return { risk: 'read', because: [] };
  }
}

export class RunbookBuilder {
  private readonly faults: Faults;
  /** Steps that nobody could walk as they stand here. */
  private isBroken = false;
  /** Every step that could be read, with where it was written. */
  readonly places: StepPlace[] = [];

  constructor(faults: Faults) {
    this.faults = faults;
  }

  /** What could be read; `isRunbook` is false where it is not one, which is among the faults. */
  build(root: Fields): { runbook: Runbook; isRunbook: boolean } {
    const [id, title, version] = [root.text('id'), root.text('title'), root.text('version')];
    const rollback = root.group('rollback');
    const source = root.group('source');
    const schedule = root.group('schedule');
    const runbook: Runbook = {
      id: id ?? '',
      title: title ?? id ?? '',
      version: version ?? '',
      summary: root.text('summary'),
      owner: root.text('owner'),
      reviewedOn: root.text('reviewed_on'),
      reviewEveryMs: root.number('review_every'),
      tags: root.texts('tags'),
      estimateMs: root.number('estimate'),
      source: source === null ? null : { file: source.text('file') ?? '', lines: source.text('lines'), sha256: source.text('sha256') },
      targets: root.named('targets').map(([name, fields, { key }]) => this.target(name, fields, key.from)),
      params: root.named('params').map(([name, fields, { key }]) => this.param(name, fields, key.from)),
      prerequisites: this.steps('prerequisites', root.items('prerequisites')),
      steps: this.steps('steps', root.items('steps')),
      rollback: rollback === null ? null : { trigger: rollback.text('trigger'), steps: this.steps('rollback', rollback.items('steps')) },
      contacts: root.groups('contacts').map((fields) => this.contact(fields)),
      schedule: schedule === null ? null : { rrule: schedule.text('rrule') ?? '', tz: schedule.text('tz'), durationMs: schedule.number('duration'), cutoffMs: schedule.number('cutoff'), noticeMs: schedule.number('notice'), missed: (schedule.text('missed') ?? 'ask') as 'ask' | 'run-once' | 'skip' },
    };
    return { runbook, isRunbook: !this.isBroken && id !== null && runbook.steps.length > 0 };
  }

  private target(name: string, fields: Fields, at: number): TargetRole {
    return { name, kind: (fields.text('kind') ?? 'ssh') as TargetRole['kind'], label: fields.text('label') ?? name, default: fields.text('default'), line: this.faults.source.lineOf(at) };
  }

  private param(name: string, fields: Fields, at: number): Param {
    const from = fields.group('options_from');
    const [sh, sql] = [from?.text('sh') ?? null, from?.text('sql') ?? null];
    const target = from?.text('target') ?? null;
    const text = sh ?? sql;
    return {
      name,
      type: (fields.text('type') ?? 'string') as Param['type'],
      label: fields.text('label') ?? name,
      help: fields.text('help'),
      required: fields.flag('required'),
      default: this.value(fields.entries.get('default')?.value),
      choices: fields.texts('enum'),
      pattern: fields.text('pattern'),
      min: fields.number('min'),
      max: fields.number('max'),
      when: fields.text('when'),
      of: fields.text('of'),
      optionsFrom: target === null || text === null ? null : { target, kind: sh === null ? 'sql' : 'sh', text },
      line: this.faults.source.lineOf(at),
    };
  }

  private value(piece: Piece | undefined): Value | null {
    if (piece?.kind === 'scalar') return piece.value;
    return piece?.kind === 'list' ? piece.items.flatMap((item) => (item.kind === 'scalar' ? [item.written] : [])) : null;
  }

  private contact(fields: Fields): Contact {
    return { role: fields.text('role') ?? '', name: fields.text('name'), email: fields.text('email'), phone: fields.text('phone'), afterMs: fields.number('after') };
  }

  private steps(section: StepPlace['section'], items: readonly Piece[]): Step[] {
    return items.flatMap((item, index) => {
      const fields = new Fields(item);
      const step = this.step(fields);
      this.isBroken ||= step === null;
      if (step === null) return [];
      this.places.push({ step, fields, section, index, order: this.places.length });
      return [step];
    });
  }

  private step(fields: Fields): Step | null {
    const id = fields.text('id');
    const action = buildAction(fields);
    if (id === null || action === null) return null;
    const surroundings = buildSurroundings(fields, null);
    const risk = (fields.text('risk') as Risk | null) ?? riskOfAction(action).risk;
    const retry = fields.group('retry');
    const waitUntil = fields.group('wait_until');
    const forEach = fields.group('for_each');
    const undo = fields.has('undo') ? fields.groups('undo').map((each) => this.undo(each, surroundings, risk)) : null;
    if (undo?.includes(null) === true) this.isBroken = true;
    return {
      ...surroundings,
      id,
      title: fields.text('title') ?? id,
      why: fields.text('why'),
      action,
      risk,
      pause: fields.text('pause') !== null,
      when: fields.text('when'),
      timeoutMs: fields.number('timeout'),
      stallWarnMs: fields.number('stall_warn'),
      retry: retry === null ? null : { attempts: retry.number('attempts') ?? 1, delayMs: retry.number('delay') ?? 5000, backoff: retry.number('backoff') ?? 1 },
      waitUntil: waitUntil === null ? null : { everyMs: waitUntil.number('every') ?? 5000, upToMs: waitUntil.number('up_to') ?? 60_000 },
      expect: buildExpectations(fields.items('expect'), this.faults),
      capture: buildCaptures(fields, this.faults),
      onFail: (fields.text('on_fail') ?? 'ask') as Step['onFail'],
      undo: undo?.filter((each) => each !== null) ?? null,
      idempotent: fields.flag('idempotent'),
      probe: this.probe(fields.group('probe'), fields),
      detach: fields.has('detach') ? fields.flag('detach') : null,
      confirm: fields.text('confirm') as Step['confirm'],
      choices: fields.texts('choices'),
      forEach: forEach === null ? null : this.forEach(forEach),
      maxFailures: forEach?.number('max_failures') ?? 0,
      evidence: (fields.text('evidence') ?? 'auto') as Step['evidence'],
      redact: fields.texts('redact'),
      skip: (fields.text('skip') ?? 'with-reason') as Step['skip'],
      next: fields.text('next'),
      end: fields.flag('end'),
      line: this.faults.source.lineOf(fields.span.from),
    };
  }

  private forEach(fields: Fields): Step['forEach'] {
    const param = fields.text('item_in');
    return param === null ? { over: 'targets', names: fields.texts('host_in') } : { over: 'items', param };
  }

  private undo(fields: Fields, around: ReturnType<typeof buildSurroundings>, risk: Risk): UndoStep | null {
    const action = buildAction(fields);
    if (action === null) return null;
    const own = fields.text('risk') as Risk | null;
    return { ...buildSurroundings(fields, around), action, risk: own ?? (action.kind === 'procedure' ? riskOfProcedure(action.procedure) : risk), timeoutMs: fields.number('timeout'), expect: buildExpectations(fields.items('expect'), this.faults), line: this.faults.source.lineOf(fields.span.from) };
  }

  private probe(fields: Fields | null, step: Fields): Step['probe'] {
    if (fields === null) return null;
    const action = buildAction(fields);
    const doneIf = fields.group('done_if');
    const matcher = doneIf === null ? null : buildMatcher(doneIf, this.faults);
    if (matcher === null || (action?.kind !== 'sh' && action?.kind !== 'sql')) return null;
    return { ...buildSurroundings(fields, buildSurroundings(step, null)), action, doneIf: matcher };
  }
}
