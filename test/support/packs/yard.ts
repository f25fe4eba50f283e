/** A pack for tests: every kind of item, every kind of reference, and questions of several kinds. */
import type { PackProblem } from '#shared/domain/pack/definition.ts';
import { readPack, type ReadPack } from '#engine/packs/format/index.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';

const pack = `schema: pack/1
id: yard
title: Timber yard
version: "1.0.0"
summary: A website, its database and who looks after them.
environment: staging
guide: { file: yard.md, title: Notes of the yard }
hosts:
  web: { title: Web host, needed: true, why: nginx runs there }
  spare: { title: Spare host }
databases:
  db: { title: Database, needed: true, database: yard }
endpoints:
  site: { title: Website, url: "https://yard.example", warn: 500ms, critical: 1s, source: { file: yard.md, lines: "3-9" }, covers: [Y-S01] }
  api: { title: Interface, status: [200, 204], json: { path: "$.status", equals: ok }, through: web }
services:
  nginx: { title: nginx, host: web, manager: systemd, name: nginx }
paths:
  logs: { title: Logs, host: web, path: /var/log/nginx, holds: logs, pattern: "\\\\berror\\\\b" }
thresholds:
  cpu: { title: Processor, drives: { check: cpu }, warn: 70, critical: 90, unit: percent }
  answers: { title: Answers, drives: { endpoints: [site, api] }, warn: 500, unit: ms }
  backup-age: { title: Age of backups, drives: { backup_age: true }, warn: 26, critical: 50, unit: hours }
  visitors: { title: Visitors, drives: { people: true }, unit: a day, text: Tell the owner. }
backups:
  nightly: { title: Nightly dump, database: db, keep: { newest: 7, daily: 14 } }
  uploads: { title: Uploads, files: { host: web, paths: [/srv/uploads], exclude: ["*.tmp"] }, keep: { newest: 3 } }
questions:
  api-url:
    ask: Address of the interface?
    kind: url
    sets:
      - { item: endpoint/api, field: url }
      - { param: api_url }
  zone:
    ask: Which time zone does the yard go by?
    kind: timezone
    sets: [{ item: hours/office, field: tz }, { item: calendar/sunday, field: tz }]
  fast:
    ask: How fast does somebody answer what is critical? The notes say two things.
    kind: choice
    choices:
      - { value: "2h", label: 2 hours, source: "8" }
      - { value: "4h", label: 4 hours, source: "17" }
    sets: [{ item: severity/p1, field: clocks.respond }]
  owner-phone:
    ask: Telephone number of the owner?
    kind: phone
    optional: true
    sets: [{ item: contact/owner, field: phone }]
`;

const people = `hours:
  office: { title: Office hours, spans: [{ days: [MO, TU, WE, TH, FR], from: "09:00", to: "17:00" }] }
severities:
  p1: { title: Critical, rank: 1, tone: critical, examples: [The site is down], clocks: { acknowledge: 15m, update: 30m }, hours: office, runbook: check }
  p2: { title: High, rank: 2, tone: warn, clocks: { respond: 1d } }
tiers:
  first: { title: First level, rank: 1, next: second, role: keeper, responds: { p1: 15m } }
  second: { title: Second level, rank: 2 }
roles:
  keeper: { title: Keeper, duties: [Looks every morning], contact: owner, incident: true }
contacts:
  owner: { title: Owner, email: owner@yard.example, hours: office, after: 15m }
channels:
  list: { title: List, address: all@yard.example, used_for: [Notices] }
`;

const calendar = `calendar:
  sunday:
    title: Sunday
    starts: "2026-01-04T02:00"
    rrule: FREQ=WEEKLY;BYDAY=SU
    duration: 1h
    work: { runbook: check }
    after: [{ key: dump, within: 24h, needs: proven-backup }]
    role: keeper
    removes: true
  dump: { title: Dump, starts: "2026-01-04T01:00", rrule: FREQ=DAILY, tz: UTC, work: { procedure: backup.run } }
`;

const runbook = `schema: runbook/1
id: check
title: Morning check
version: "1.0.0"
targets:
  web: { kind: ssh }
  db: { kind: postgres }
  site: { kind: http }
params:
  api_url: { type: url, required: true }
steps:
  - { id: look, title: Look, target: web, sh: uptime, risk: read }
  - { id: count, title: Count, target: db, sql: SELECT 1, risk: read }
  - { id: ask, title: Ask, target: site, http: { path: / }, risk: read }
  - { id: other, title: Ask the interface, http: { url: "{{ api_url }}" }, risk: read }
`;

export const yardTexts: Readonly<Record<string, string>> = {
  'pack.yaml': pack,
  'people.yaml': people,
  'calendar.yaml': calendar,
  'templates/notice.md': '---\ntitle: Notice\npurpose: notice\ncovers: [Y-T01]\n---\nWe will be away.\n',
  'cards/nginx.md': '---\ntitle: nginx\n---\n# The configuration\n',
  'runbooks/check.yaml': runbook,
};

/** The pack with some of its files replaced; null takes one away. */
export function yardWith(changes: Readonly<Record<string, string | null>> = {}, name = 'yard'): ReadPack {
  const texts = Object.entries({ ...yardTexts, ...changes }).flatMap(([file, text]) => (text === null ? [] : [[file, text] as const]));
  return readPack({ name, texts: new Map(texts), problems: [] }, knownChecks);
}

/** A file of it in which one text stands instead of another. @throws where that text is not there */
export function swapped(file: string, from: string, to: string): Record<string, string> {
  const text = yardTexts[file] ?? '';
  if (!text.includes(from)) throw new Error(`${file} has no "${from}".`);
  return { [file]: text.replace(from, to) };
}

/** "pack.yaml 14: endpoint …": each problem with its place. */
export const told = (problems: readonly PackProblem[]): string[] => problems.map(({ file, line, severity, message }) => `${file} ${line}${severity === 'warning' ? ' (warning)' : ''}: ${message}`);
