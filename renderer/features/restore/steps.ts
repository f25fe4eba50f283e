/** The nine steps of a restore and where one stands among them. */
import type { ReactNode } from 'react';
import type { Step } from '../../components/step-rail.tsx';

export const restoreSteps = ['Pick', 'Verify', 'Target', 'Preflight', 'Confirm', 'Run', 'Compare', 'Swap', 'Undo'] as const;
export type RestoreStep = (typeof restoreSteps)[number];

export interface StepNote {
  state?: Step['state'];
  detail?: ReactNode;
  when?: ReactNode;
}

/** The rail with everything before `now` done, everything after it to do, and what is known noted. */
export function railAt(now: RestoreStep | null, notes: Partial<Record<RestoreStep, StepNote>>): Step[] {
  const at = now === null ? restoreSteps.length : restoreSteps.indexOf(now);
  return restoreSteps.map((title, index): Step => {
    const note = notes[title] ?? {};
    return { id: title, title, state: note.state ?? (index < at ? 'done' : index === at ? 'now' : 'todo'), ...(note.detail === undefined ? {} : { detail: note.detail }), ...(note.when === undefined ? {} : { when: note.when }) };
  });
}
