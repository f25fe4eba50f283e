/** Whether a script runs as a job of its host. */
import type { Step } from '#shared/domain/runbook/definition.ts';
import type { Slot } from '#shared/domain/runbook/walkthrough.ts';
import { doingOf } from './steps-of.ts';

/** What takes longer than this may be cut off by a lid that is closed. */
const longMs = 60_000;

/**
 * Where it changes something or takes its time, so that its exit status survives this connection, and this computer. One
 * that is sent again and again until it is as it should be has no one end to wait for, and runs while one is connected.
 */
export function isDetached(step: Step, slot: Slot): boolean {
  const doing = doingOf(step, slot);
  if (doing.action.kind !== 'sh') return false;
  if (slot.undo === null && (step.waitUntil !== null || step.retry !== null)) return false;
  if (slot.undo === null && step.detach !== null) return step.detach;
  return doing.risk !== 'read' || (doing.timeoutMs ?? 0) > longMs;
}
