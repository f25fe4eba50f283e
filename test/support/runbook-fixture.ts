import { createHash } from 'node:crypto';
import type { Runbook, Step } from '#shared/domain/runbook/definition.ts';

/** A step of a file as it was read, of which only what matters is said. */
export const aStep = (of: Partial<Step> & { id: string }): Step => ({
  title: of.id,
  why: null,
  action: { kind: 'manual', text: 'Look at it.' },
  risk: 'read',
  pause: false,
  when: null,
  timeoutMs: null,
  stallWarnMs: null,
  retry: null,
  waitUntil: null,
  expect: [],
  capture: [],
  onFail: 'ask',
  undo: null,
  idempotent: false,
  probe: null,
  detach: null,
  confirm: null,
  choices: [],
  forEach: null,
  maxFailures: 0,
  evidence: 'auto',
  redact: [],
  skip: 'with-reason',
  next: null,
  end: false,
  line: 1,
  target: null,
  database: null,
  cwd: null,
  sudo: null,
  shell: 'sh',
  env: {},
  stdin: null,
  ...of,
});

export const aRunbook = (of: Partial<Runbook> = {}): Runbook => ({
  id: 'wal-fills',
  title: 'WAL fills the disk',
  version: '1.0.0',
  summary: null,
  owner: null,
  reviewedOn: null,
  reviewEveryMs: null,
  tags: [],
  estimateMs: null,
  source: null,
  targets: [],
  params: [],
  prerequisites: [],
  steps: [],
  rollback: null,
  contacts: [],
  schedule: null,
  ...of,
});

/** Reads "id: …" and "title: …" and nothing else, and counts how often. A text without an id is no runbook. */
export function plainReader(): { readRunbook: (text: string) => { runbook: Runbook | null; problems: [] }; textHash: (text: string) => string; reads: () => number } {
  let reads = 0;
  return {
    readRunbook(text) {
      reads += 1;
      const id = /^id: (\S+)$/m.exec(text)?.[1];
      return { runbook: id === undefined ? null : aRunbook({ id, title: /^title: (.*)$/m.exec(text)?.[1] ?? id }), problems: [] };
    },
    textHash: (text) => createHash('sha256').update(text).digest('hex'),
    reads: () => reads,
  };
}
