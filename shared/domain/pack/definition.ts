/** A pack as it was read from its folder: a ready-made system, with what has to be asked before it is somebody's. Pure. */

/** What a system consists of; each has its fields in `shared/contract/items.ts`. */
export const packItemKinds = ['endpoint', 'service', 'path', 'threshold', 'backup', 'calendar', 'severity', 'tier', 'hours', 'role', 'contact', 'channel', 'template', 'card'] as const;
export type PackItemKind = (typeof packItemKinds)[number];

/** One thing that is wrong in a pack. Lines and columns count from 1. */
export interface PackProblem {
  /** Below the folder of the pack: "pack.yaml", "runbooks/morning-check.yaml". */
  file: string;
  line: number;
  column: number;
  severity: 'error' | 'warning';
  rule: string;
  message: string;
  /** What to write instead, in words, where that is not in the message. */
  fix: string | null;
}

/** A host or database that the system has, before somebody says which one that is. */
export interface PackRole {
  name: string;
  title: string;
  /** Whether the system makes no sense without it. */
  needed: boolean;
  why: string | null;
  /** For a database: its name on the server, where the guide says it. */
  database: string | null;
}

export const questionKinds = ['url', 'text', 'choice', 'timezone', 'email', 'phone', 'number', 'duration', 'list', 'path'] as const;
export type QuestionKind = (typeof questionKinds)[number];

/** Where an answer goes: a field of an item, by its path in that item, or a parameter of the pack's runbooks. */
export type AnswerPlace = { to: 'item'; kind: PackItemKind; key: string; path: readonly string[]; /** How it is read. */ type: AnswerType } | { to: 'param'; param: string };
/** Of a field: what an answer has to become for it. */
export type AnswerType = 'text' | 'number' | 'duration' | 'flag' | 'list' | 'numbers';

export interface PackQuestion {
  key: string;
  ask: string;
  kind: QuestionKind;
  /** Of kind choice; else empty. */
  choices: readonly { value: string; label: string; source: string | null }[];
  /** What is proposed; null: nothing, as where a guide says two things. */
  default: string | null;
  /** Whether it may be left unanswered. */
  optional: boolean;
  sets: readonly AnswerPlace[];
}

export interface PackItem {
  kind: PackItemKind;
  key: string;
  /** Its fields as they are written, in the names of an item; without what a question sets. Not held to the schema of its kind yet. */
  fields: Readonly<Record<string, unknown>>;
  file: string;
  line: number;
}

export interface PackRunbook {
  /** Of its file, without the ending; it is its id as well. */
  name: string;
  title: string;
  /** Text of the file, SHA-256 in hex. */
  hash: string;
}

export interface Pack {
  name: string;
  title: string;
  version: string;
  summary: string;
  /** What is proposed for a new system. */
  environment: 'production' | 'staging' | 'development' | 'practice';
  guide: { file: string; title: string | null } | null;
  hosts: readonly PackRole[];
  databases: readonly PackRole[];
  questions: readonly PackQuestion[];
  /** In the order in which they stand in the pack. */
  items: readonly PackItem[];
  runbooks: readonly PackRunbook[];
}
