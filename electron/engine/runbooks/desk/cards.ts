/** Runbooks of the library as they are listed. */
import type { RunbookCard, RunSummary } from '#shared/contract/runbooks.ts';
import { riskOf } from '#shared/domain/runbook/definition.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { reviewOf, type LibraryFile } from '../library/index.ts';
import { summaryOfRun } from './summary.ts';

/** @param hits where a search found its words */
export function cardOf(dependencies: { context: Pick<EngineContext, 'systems' | 'ports'>; repository: WalkthroughRepository }, file: LibraryFile, systemId: string | null, hits: RunbookCard['hits'] = []): RunbookCard {
  const { context, repository } = dependencies;
  const { runbook } = file;
  const name = file.ref.slice(file.ref.indexOf('/') + 1);
  const counts = { errors: file.problems.filter(({ severity }) => severity === 'error').length, warnings: file.problems.filter(({ severity }) => severity === 'warning').length };
  const place = { ref: file.ref, origin: file.origin, packTitle: file.packTitle, file: file.file, hash: file.hash, hits };
  const none = { last: null, runs: 0, inProgress: [], usualMs: null };
  if (runbook === null) {
    return { ...place, ...counts, ...none, id: name, title: name, version: '', summary: file.problems[0]?.message ?? null, tags: [], owner: null, risk: 'read', steps: 0, estimateMs: null, reviewedOn: null, reviewEveryMs: null, reviewDueAt: null, review: 'none' };
  }
  const review = reviewOf(runbook, context.ports.clock.now());
  const about = repository.walksOf(runbook.id, systemId);
  const summary = (row: (typeof about.active)[number]): RunSummary => summaryOfRun(row, context);
  return {
    ...place,
    ...counts,
    id: runbook.id,
    title: runbook.title,
    version: runbook.version,
    summary: runbook.summary,
    tags: [...runbook.tags],
    owner: runbook.owner,
    risk: riskOf(runbook),
    steps: runbook.prerequisites.length + runbook.steps.length,
    estimateMs: runbook.estimateMs,
    usualMs: repository.medianMs(runbook.id),
    reviewedOn: runbook.reviewedOn,
    reviewEveryMs: runbook.reviewEveryMs,
    reviewDueAt: review.dueAt,
    review: review.review,
    last: about.last === null ? null : summary(about.last),
    runs: about.runs,
    inProgress: about.active.map(summary),
  };
}
