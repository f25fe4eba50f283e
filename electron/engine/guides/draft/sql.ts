/** Statements of a guide as steps: one each, with the comment above as its title. */
import { splitStatements } from '#shared/domain/runbook/sql-text.ts';
import { step, type DraftStep } from './step.ts';
import type { Chunk } from './chunks.ts';

/** What a statement begins with. */
const begins = /^\s*(?:SELECT|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+)?(?:INDEX|TABLE|DATABASE|USER|ROLE|EXTENSION|VIEW|MATERIALIZED|FUNCTION|SCHEMA|SEQUENCE|TRIGGER|PUBLICATION|SUBSCRIPTION)|ALTER\s+(?:SYSTEM|TABLE|DATABASE|ROLE|USER|INDEX|EXTENSION|SEQUENCE)|DROP\s+(?:TABLE|DATABASE|INDEX|USER|ROLE|VIEW|SCHEMA|EXTENSION)|VACUUM|ANALYZE|REINDEX|TRUNCATE|SHOW\s+\w+\s*;|EXPLAIN|WITH\s+\w+\s+AS|GRANT|REVOKE|CLUSTER|CHECKPOINT|REFRESH\s+MATERIALIZED|BEGIN\s*;|COPY\s)(?![\w(])/i;

/** Whether a text is a statement rather than a command: it begins as one, and in capitals or with its semicolon. */
export const looksLikeSql = (text: string): boolean => begins.test(text) && (/;\s*$/m.test(text) || /^\s*[A-Z]{4,}\s/.test(text)) && !/^\s*(?:analyze|show|copy|begin)\b/.test(text);

/** "Delete from audit_logs" for a statement without a comment. */
function named(statement: string): string {
  const words = statement.replaceAll(/\s+/g, ' ').trim();
  return words.length <= 70 ? words : `${words.slice(0, 68)} …`;
}

/** @param from the line of the guide on which the chunk begins */
export function sqlSteps(chunk: Chunk, from: number, fallback: string, why: readonly string[]): DraftStep[] {
  const statements = splitStatements(chunk.code);
  const steps: DraftStep[] = [];
  let behind = 0;
  for (const [index, statement] of statements.entries()) {
    const line = from + (chunk.code.slice(0, statement.from).match(/\n/g)?.length ?? 0);
    const gap = chunk.code.slice(behind, statement.from);
    const remark = [...gap.matchAll(/--[ \t]*(.+)$/gm)].map((found) => found[1]?.trim() ?? '').filter((each) => each !== '');
    behind = statement.to;
    const title = remark[0] ?? (index === 0 ? chunk.comments.at(-1) : undefined) ?? (statements.length === 1 && chunk.comments.length === 0 && fallback !== '' ? fallback : named(statement.text));
    const comments = index === 0 ? chunk.comments.slice(0, -1) : statements.length > 1 && chunk.comments.length > 0 && remark.length === 0 ? [chunk.comments.at(-1) ?? ''] : [];
    steps.push(step(line, title, { kind: 'sql', statement: statement.text }, [...(index === 0 ? why : []), ...comments, ...remark.slice(1)]));
  }
  const rest = [...chunk.code.slice(behind).matchAll(/--[ \t]*(.+)$/gm)].map((found) => found[1]?.trim() ?? '');
  const last = steps.at(-1);
  if (last !== undefined && rest.length > 0) last.why.push(...rest);
  return steps;
}
