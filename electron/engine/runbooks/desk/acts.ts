/** What a person does in a walkthrough: decided by the rules, and kept. */
import { createHash } from 'node:crypto';
import type { WalkthroughAct } from '#shared/contract/walkthroughs.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { decide, type DecideContext } from '#shared/domain/runbook/decide.ts';
import { capture, judge, seenAnswer, type Seen } from '#shared/domain/runbook/judge.ts';
import { readParam } from '#shared/domain/runbook/params.ts';
import type { ActionKind, Param, Value } from '#shared/domain/runbook/definition.ts';
import type { Deed } from '#shared/domain/runbook/slots.ts';
import type { StepProgress } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import { holdsSecret } from './clean.ts';
import { keepOutput } from './evidence.ts';
import { inTime, tookTooLong } from './in-time.ts';
import { notJudged } from './run-step.ts';
import { scopeOf, valuesIn } from './scope.ts';
import type { WalkSecrets } from './secrets.ts';
import type { Walk, Walks } from './walks.ts';

/** The output of a command that somebody pasted, as one that was measured. */
const pasted = (output: string, kind: ActionKind): Seen => ({ ...seenAnswer(kind, null), exitStatus: kind === 'sh' ? 0 : null, stdout: output });

/** A captured value that was typed, as its type wants it. */
function readTyped(name: string, type: Param['type'], text: string): { value: Value } | { fault: string } {
  const param: Param = { name, type, label: name, help: null, required: true, default: null, choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null, line: 1 };
  const read = readParam(param, text, {});
  if ('fault' in read) return read;
  return read.value === null ? { fault: `${name} is missing.` } : { value: read.value };
}

export function contextOf(dependencies: { context: Pick<EngineContext, 'ports' | 'scrubber'>; walks: Walks; secrets: WalkSecrets }, walk: Walk): DecideContext {
  const { context, walks, secrets } = dependencies;
  const { walkthrough, runbook } = walk;
  const at = new Date(context.ports.clock.now()).toISOString();
  return {
    runbook,
    at,
    ids: () => context.ports.random.id(),
    judge: (deed: Deed, progress: StepProgress, answer: Value) => inTime(() => judge(deed.expect, seenAnswer(deed.action.kind, answer), valuesIn(scopeOf(walkthrough, progress.slot, secrets))))?.done ?? [{ say: notJudged, ok: false, seen: tookTooLong }],
    capture(deed, typed, output) {
      const captured: Record<string, Value> = {};
      const open = deed.step.capture.filter(({ name }) => (typed[name] ?? '').trim() === '');
      for (const { name, type } of deed.step.capture) {
        const text = (typed[name] ?? '').trim();
        if (text === '') continue;
        const read = readTyped(name, type, text);
        if ('fault' in read) return { fault: read.fault };
        captured[name] = read.value;
      }
      const refused = (values: Readonly<Record<string, Value>>): { fault: string } | null => {
        const name = Object.keys(values).find((each) => holdsSecret(values[each] ?? '', context.scrubber));
        return name === undefined ? null : { fault: `${name} holds a password, or another secret that Pilothouse knows, which is not written down.` };
      };
      const wrong = refused(captured);
      if (wrong !== null) return wrong;
      if (open.length === 0) return { captured };
      const found = inTime(() => capture(open, pasted(output, deed.action.kind), valuesIn(scopeOf(walkthrough, null, secrets))))?.done ?? { fault: `${tookTooLong}.` };
      if ('fault' in found) return { fault: `${found.fault} Type ${open.map(({ name }) => name).join(', ')}, or paste the output.` };
      return refused(found.captured) ?? { captured: { ...captured, ...found.captured } };
    },
    keepOutput(deed, _key, text) {
      const facts = keepOutput(context, walks, walkthrough.id, deed.step, { stdout: text, stderr: '', bytes: Buffer.byteLength(text), truncated: false });
      if (facts === null) throw new PilothouseError('internal', 'An empty output was to be kept.');
      return facts;
    },
    keepAttachment({ name, media, data }) {
      const bytes = Buffer.from(data, 'base64');
      if (bytes.length === 0) throw new PilothouseError('runbook.value-invalid', `"${name}" is empty.`, { hint: 'Attach something that holds something.' });
      const kept = media === 'text/plain' ? Buffer.from(context.scrubber.scrub(bytes.toString('utf8'))) : bytes;
      return { evidenceId: walks.keepEvidence(walkthrough.id, { name, media, data: kept }), sha256: createHash('sha256').update(kept).digest('hex'), bytes: kept.length };
    },
  };
}

export interface Command {
  walkthroughId: string;
  expectedSeq: number;
  commandId: string;
  actor: string;
  act: WalkthroughAct;
}

/**
 * @param begin begins the runbook that a step calls under this id, in the same transaction
 * @throws what `decide` throws; store.*
 */
export function carryOutAct(dependencies: { context: Pick<EngineContext, 'ports' | 'scrubber'>; walks: Walks; secrets: WalkSecrets; begin: (walk: Walk, key: string, childId: string) => void; requireUsable: (walk: Walk, key: string, walkthroughId: string) => void }, command: Command): { outcome: 'done' | 'duplicate' | 'stale'; walk: Walk; childId: string | null } {
  const { walks, begin, requireUsable } = dependencies;
  const { act } = command;
  let childId: string | null = null;
  const done = walks.transaction(() =>
    walks.act(command.walkthroughId, command, (walk) => {
      if (act.kind === 'call' && act.use !== 'new') requireUsable(walk, act.key, act.use.walkthroughId);
      const events = decide(walk.walkthrough, act, contextOf(dependencies, walk));
      const called = events.find((event) => event.kind === 'called');
      if (called !== undefined && act.kind === 'call') {
        childId = called.walkthroughId;
        if (act.use === 'new') begin(walk, act.key, childId);
      }
      return events;
    }),
  );
  return { ...done, childId: done.outcome === 'done' ? childId : null };
}
