/** Answers as results: what is stored and shown. */
import type { NewHealthResult } from '../store/health-repository.ts';
import type { AnyCheck, Finding } from './check.ts';
import { evidenceLimit, noEvidence } from './findings.ts';
import type { Limits } from './limits.ts';

/** What a result is about. */
export interface Subject {
  /** The same in every run. */
  targetKey: string;
  /** In words. */
  target: string;
  databaseId: string | null;
  /** Left out where it is about Postgres. */
  hostId?: string;
}

export function resultOf(check: AnyCheck, finding: Finding, subject: Subject, { limits }: Limits, durationMs: number): NewHealthResult {
  const { about } = check;
  const ill = finding.status === 'warn' || finding.status === 'critical';
  const shown = finding.evidence ?? noEvidence;
  return {
    check: about.id,
    title: about.title,
    group: about.group,
    target: subject.target,
    databaseId: subject.databaseId,
    hostId: subject.hostId ?? null,
    targetKey: subject.targetKey,
    status: finding.status,
    value: finding.value,
    unit: about.unit,
    warn: finding.limits?.warn ?? limits.warn,
    critical: finding.limits?.critical ?? limits.critical,
    lowerIsWorse: check.lowerIsWorse ?? false,
    summary: finding.summary,
    meaning: finding.meaning ?? (finding.status === 'skipped' ? 'It does not apply here.' : about.meaning),
    causes: ill ? (finding.causes ?? about.causes) : [],
    evidence: { ...shown, rows: shown.rows.slice(0, evidenceLimit), truncated: shown.truncated + Math.max(0, shown.rows.length - evidenceLimit) },
    fix: finding.fix ?? null,
    opener: finding.opener ?? null,
    durationMs,
  };
}
