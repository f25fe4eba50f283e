/** A runbook as it is made of a guide, before it is written. Texts stand as the guide has them; braces are not templates. */
import { plain } from '#shared/domain/guide/plain.ts';

export type DraftAction =
  | { kind: 'manual'; text: string }
  | { kind: 'note'; text: string }
  | { kind: 'sh'; script: string; shell: 'sh' | 'bash' }
  | { kind: 'sql'; statement: string }
  /** `through`: the host makes the connection, since the address is one of its own. */
  | { kind: 'http'; method: 'GET' | 'HEAD'; url: string; through: boolean }
  | { kind: 'decide'; ask: string; branches: { label: string; steps: DraftStep[] }[] };

export interface DraftStep {
  title: string;
  why: string[];
  action: DraftAction;
  /** Of the guide, from 1. */
  line: number;
}

export interface DraftContact {
  role: string;
  email: string | null;
  phone: string | null;
}

export interface DraftRunbook {
  prerequisites: DraftStep[];
  steps: DraftStep[];
  rollback: { trigger: string | null; steps: DraftStep[] } | null;
  contacts: DraftContact[];
  summary: string[];
}

const longestTitle = 110;

/** One line for a title. */
export function shortTitle(text: string): string {
  const line = plain(text).replaceAll(/\s+/g, ' ').replace(/^\d+(?:\.\d+)*[.)]\s+/, '').replace(/[\s:.]+$/, '').trim();
  return line.length <= longestTitle ? line : `${line.slice(0, longestTitle - 2).replace(/\s+\S*$/, '')} …`;
}

export const step = (line: number, title: string, action: DraftAction, why: readonly string[] = []): DraftStep => ({ title: shortTitle(title) === '' ? 'Step' : shortTitle(title), why: why.filter((each) => each.trim() !== ''), action, line });
