/** What a procedure is called, so that a schedule and a heading that mean the same are found alike. Pure. */
import { folded } from './plain.ts';

/** Words that say that it is a procedure, and not which. */
const filling: ReadonlySet<string> = new Set(['the', 'a', 'an', 'of', 'for', 'procedure', 'procedures', 'process', 'checklist', 'runbook', 'playbook', 'steps', 'task', 'tasks', 'der', 'die', 'das', 'des', 'ablauf', 'checkliste', 'vorgehen', 'schritte', 'aufgaben', 'anleitung']);

/** "weekly maintenance" of "Weekly maintenance checklist (Sunday)"; null: the name is too short to say which is meant. */
export function procedureName(title: string): string | null {
  const words = (folded(title.replaceAll(/\([^)]*\)/g, ' ')).match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !filling.has(word));
  const name = words.join(' ');
  return words.length > 1 || name.length >= 10 ? name : null;
}
