/** A small runbook with one step of each kind that the screens treat in a way of their own, for a real host and a real database. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const text = `schema: runbook/1
id: small-walk
title: Small walk
version: "1.0.0"
estimate: 5m
targets:
  web: { kind: ssh, label: Host }
  db: { kind: postgres, label: Database }
params:
  folder: { type: path, label: Folder, required: true }
  word: { type: identifier, label: Word, default: there }
  token: { type: secret, label: Token of the pager, required: true }
steps:
  - id: look
    title: Look around
    why: Nothing is worse than the wrong folder.
    target: web
    sh: ls -d {{ folder }} && echo there
    risk: read
    expect: [{ matches: there, say: The folder is there }]
    capture:
      found: { regex: "^(there)$", type: string }
  - id: row
    title: Write a row
    target: db
    sql: INSERT INTO walked (word) VALUES (:word)
    risk: change
    probe: { sql: "SELECT count(*) FROM walked WHERE word = :word", done_if: { equals: "1" } }
    undo:
      - { sql: "UPDATE walked SET word = 'taken back' WHERE word = :word", risk: change }
  - { id: told, title: Tell somebody, manual: Say whom you told., confirm: text }
  - id: which
    title: Which way
    decide: { ask: "Which way is it?", choices: { "Left": left, "Right": ready } }
  - { id: left, title: The left way, manual: Left., confirm: checkbox }
  - id: ready
    title: It is ready
    target: web
    sh: test -e {{ folder }}/ready
    risk: read
    expect: [{ exit: 0, say: The file ready is there }]
  - { id: bother, title: Bother nobody, manual: Say nothing., confirm: checkbox }
  - id: slow
    title: Something slow
    target: web
    sh: echo begun >>{{ folder }}/slow; sleep 600
    stdin: "{{ token }}"
    risk: change
    detach: false
  - { id: close, title: Close, manual: It is over., confirm: checkbox }
rollback:
  steps:
    - { id: back, title: Take it back, undo_completed: true }
    - { id: after, title: Tell them so, manual: Told., confirm: text }
`;

/** A runbook that calls another one. */
const calling = `schema: runbook/1
id: calling-walk
title: Calling walk
version: "1.0.0"
steps:
  - { id: inner, title: Ask the other, call: { runbook: called-walk, require: succeeded, within: 24h } }
  - { id: last, title: Close, manual: It is over., confirm: checkbox }
`;
const called = `schema: runbook/1
id: called-walk
title: Called walk
version: "1.0.0"
steps:
  - { id: inside, title: Inside, manual: Say so., confirm: checkbox }
`;

export const smallWalk = { ref: 'own/small-walk', calling: 'own/calling-walk' };

/** @param change of its text, for a newer version */
export function writeSmallWalk(root: string, change: (text: string) => string = (same) => same): void {
  mkdirSync(join(root, 'runbooks'), { recursive: true, mode: 0o700 });
  for (const [name, written] of [['small-walk', change(text)], ['calling-walk', calling], ['called-walk', called]] as const) writeFileSync(join(root, 'runbooks', `${name}.yaml`), written, { mode: 0o600 });
}
