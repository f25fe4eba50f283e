/** What a command, a statement or a request may do at worst, by what is known of it. Who is unknown here counts as the author says. */
import { risks, type Risk } from '#shared/domain/runbook/definition.ts';
import { shellRisk } from './risk-shell.ts';
import { sqlRisk } from './risk-sql.ts';

export interface Detected {
  risk: Risk;
  /** What makes it so, as in "rm -rf". Empty for `read`. */
  because: string[];
}

/** One thing that was recognised. */
export interface Found {
  risk: Exclude<Risk, 'read'>;
  what: string;
}

/** The worst of what was found, and what is as bad as that. */
export function worstOf(found: readonly Found[]): Detected {
  const risk = risks[Math.max(0, ...found.map((each) => risks.indexOf(each.risk)))] ?? 'read';
  return { risk, because: [...new Set(found.filter((each) => each.risk === risk).map(({ what }) => what))] };
}

function httpRisk(method: string): Found[] {
  const verb = method.trim().toUpperCase();
  if (verb === 'DELETE') return [{ risk: 'destructive', what: verb }];
  return ['GET', 'HEAD', 'OPTIONS', ''].includes(verb) ? [] : [{ risk: 'change', what: verb }];
}

/** @param text the script, the statement, or of http the method */
export function detectRisk(kind: 'sh' | 'sql' | 'http', text: string): Detected {
  if (kind === 'sh') return worstOf(shellRisk(text));
  return worstOf(kind === 'sql' ? sqlRisk(text) : httpRisk(text));
}
