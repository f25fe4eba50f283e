/** Risks: said, and not lower than what a command is found to do. Proofs and ways back of what changes something. */
import { risks, type Action, type Risk } from '#shared/domain/runbook/definition.ts';
import { references } from '#shared/domain/runbook/template.ts';
import { detectRisk, type Detected } from '../../../rules/index.ts';
import { riskOfAction } from '../build-runbook.ts';
import type { Span } from '../source.ts';
import type { Fields } from '../tree.ts';
import type { Ground, StepPlace } from './ground.ts';

const rank = (risk: Risk): number => risks.indexOf(risk);

/** With what `| raw` makes of a script: its text could be any. */
function found(action: Action): Detected {
  const detected = riskOfAction(action);
  const raw = action.kind === 'sh' ? references(action.script).filter(({ filter }) => filter === 'raw') : [];
  if (raw.length === 0) return detected;
  const because = [...new Set(raw.map(({ name }) => `{{ ${name} | raw }}`))];
  return { risk: 'destructive', because: detected.risk === 'destructive' ? [...detected.because, ...because] : because };
}

const quoted = (because: readonly string[]): string => {
  const shown = because.slice(0, 3).map((each) => `"${each}"`);
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
};

const does = ({ risk, because }: Detected): string => {
  const isOne = because.length === 1;
  if (risk === 'destructive') return `${quoted(because)} ${isOne ? 'is' : 'are'} destructive`;
  return `${quoted(because)} ${isOne ? 'changes' : 'change'} something`;
};

/** What joins a field to the one before it, where `at` stands: a line of its own, or a comma within brackets. */
function joint(ground: Ground, at: number): string {
  const { from } = ground.source.lineSpan(ground.source.lineOf(at));
  const before = ground.source.text.slice(from, at);
  return /[{,]\s*$|\{.*,/.test(before) ? ', ' : `\n${' '.repeat(before.length)}`;
}

function lintRisk(ground: Ground, fields: Fields, own: { action: Action; risk: Risk; pause: boolean | null }, who: string): void {
  const { faults } = ground;
  const detected = found(own.action);
  const needsPause = own.pause === false && !fields.has('pause');
  const mustSay = own.action.kind === 'sh' || own.action.kind === 'sql' || own.action.kind === 'http' || own.action.kind === 'transfer';
  const pauseToo = detected.risk === 'destructive' && own.pause !== null;
  const wanted = `risk: ${detected.risk}${pauseToo ? ' and pause: before' : ''}`;
  const gap = joint(ground, fields.keyOf('risk').from);
  if (!fields.has('risk')) {
    if (!mustSay || own.pause === null) return;
    const name = own.action.kind === 'transfer' || own.action.kind === 'http' ? own.action.kind : own.action.kind === 'sh' ? 'sh' : 'sql';
    const key: Span = fields.keyOf(name);
    const text = `risk: ${detected.risk}${joint(ground, key.from)}${pauseToo && needsPause ? `pause: before${joint(ground, key.from)}` : ''}${name}`;
    const why = detected.risk === 'read' ? 'Nothing that changes something was recognised: write risk: read, change or destructive.' : `${does(detected)}. Write ${wanted}.`;
    faults.add(key, { rule: 'risk-missing', message: `${who} does not say its risk. ${why}`, edit: { title: `Write risk: ${detected.risk}`, text } });
    return;
  }
  if (rank(own.risk) < rank(detected.risk)) {
    const text = `${detected.risk}${pauseToo && needsPause ? `${gap}pause: before` : ''}`;
    faults.add(fields.spanOf('risk'), { rule: 'risk-too-low', message: `${does(detected)}, but this ${own.pause === null ? 'undo' : 'step'} says ${own.risk}. Write ${wanted}.`, edit: { title: `Write ${wanted}`, text } });
    return;
  }
  if (own.risk === 'destructive' && needsPause) faults.add(fields.spanOf('risk'), { rule: 'no-pause', message: `${who} is destructive and does not wait for anybody. Write pause: before.`, edit: { title: 'Write pause: before', text: `destructive${gap}pause: before` } });
}

/** Whether a later step of the same part looks at what came of it. */
function isChecked({ step, section, index }: StepPlace, places: readonly StepPlace[]): boolean {
  if (step.expect.length > 0 || step.waitUntil !== null) return true;
  return places.some((other) => other.section === section && other.index > index && (other.step.action.kind === 'manual' ? other.step.confirm !== null : other.step.expect.length > 0 && other.step.risk === 'read'));
}

function lintStep(ground: Ground, place: StepPlace): void {
  const { step, fields } = place;
  const { faults } = ground;
  const who = `step "${step.id}"`;
  lintRisk(ground, fields, step, who);
  for (const [index, undo] of fields.groups('undo').entries()) {
    const own = step.undo?.[index];
    if (own !== undefined) lintRisk(ground, undo, { ...own, pause: null }, `the undo of ${who}`);
  }
  const probe = step.probe === null ? null : found(step.probe.action);
  if (probe !== null && probe.risk !== 'read') faults.add(fields.spanOf('probe'), { rule: 'probe-writes', message: `${does(probe)}, and a probe only looks. Write one that reads.` });
  if (step.risk === 'destructive' && step.action.kind === 'procedure' && !step.pause) faults.add(fields.keyOf('call'), { rule: 'no-pause', message: `${who} is destructive and does not wait for anybody. Write pause: before.` });
  const isOurs = step.action.kind === 'sh' || step.action.kind === 'sql' || step.action.kind === 'http' || step.action.kind === 'transfer';
  if (isOurs && step.risk !== 'read' && !isChecked(place, ground.places)) faults.warn(fields.span, { rule: 'no-validation', message: `a ${step.risk === 'change' ? 'change' : 'destructive'} step with no expect and no later check. Nothing proves that it worked.`, fix: 'Write expect, or a step that reads and expects something.' });
  if (isOurs && step.risk === 'destructive' && place.section !== 'rollback' && (step.undo === null || (step.undo.length === 0 && step.why === null))) faults.warn(fields.span, { rule: 'no-way-back', message: 'destructive step with no undo. State undo, or undo: [] with a why.' });
}

export function lintRisks(ground: Ground): void {
  for (const place of ground.places) lintStep(ground, place);
  for (const [name, fields] of ground.root.named('params')) {
    const options = fields.group('options_from');
    const kind = options?.has('sql') === true ? 'sql' : 'sh';
    const detected = detectRisk(kind, options?.text(kind) ?? '');
    if (options !== null && detected.risk !== 'read') ground.faults.add(options.spanOf(kind), { rule: 'options-write', message: `${does(detected)}, and options_from of parameter "${name}" only looks. Write one that reads.` });
  }
}
