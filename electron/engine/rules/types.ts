/** What a rule of the book is, and what it finds. */

/**
 * What a rule looks at: `sh` also the commands in a `yaml`, `sql` also the statements that a script gives to psql.
 * `markdown` is a whole guide, `text` prose and whatever has no language of its own.
 */
export const languages = ['sh', 'sql', 'crontab', 'ini', 'yaml', 'nginx', 'promql', 'javascript', 'java', 'markdown', 'text'] as const;
export type Language = (typeof languages)[number];

/** A `step` of a runbook, a `block` of a guide (a fence, or the text of an item), a whole `document`. */
export type TextKind = 'step' | 'block' | 'document';

export const ruleClasses = ['destructive', 'changing', 'placeholder', 'endless', 'language', 'quoting', 'wrong', 'document'] as const;

export interface Rule {
  /** "curl-does-not-fail". */
  id: string;
  title: string;
  /** Why it is wrong, and what is right. */
  explanation: string;
  /** Versions for which it holds, as in "PostgreSQL 13 and later"; null: all. */
  versions: string | null;
  class: (typeof ruleClasses)[number];
  languages: readonly Language[];
}

export interface Finding {
  /** The id of the rule. */
  rule: string;
  /** Offsets in the text that was given; `to` is behind the last character. */
  from: number;
  to: number;
  message: string;
  /** What to write instead, in words; null: it is in the message. */
  fix: string | null;
  /** What one click writes in the place of these offsets. */
  edit: Edit | null;
}

export interface Edit {
  title: string;
  text: string;
  from: number;
  to: number;
}

export interface Asked {
  /** As a fence says it: "bash", "postgresql", "yml". What is not known is text. */
  language: string;
  /** The major version of the server, where it is known: what holds for others alone is not said. */
  postgresMajor?: number;
  /** `block` where it is not said. */
  kind?: TextKind;
}

/** What a rule says of one place. */
export interface Hit {
  from: number;
  to: number;
  message: string;
  fix?: string;
  /** Its offsets are those of the hit where it says none. */
  edit?: { title: string; text: string; from?: number; to?: number };
}
