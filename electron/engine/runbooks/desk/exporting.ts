/** The report of a walkthrough: all that is known of it, without secrets. */
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { exportReport, type ExportedFile, type ExportFormat } from '../export/index.ts';
import { timelineOf } from './timeline.ts';
import { viewOf, type ViewContext } from './view.ts';
import type { Walk } from './walks.ts';

export function exportOf(dependencies: { context: Pick<EngineContext, 'scrubber' | 'ports'>; repository: WalkthroughRepository; view: ViewContext; appVersion: string }, walk: Walk, format: ExportFormat): ExportedFile {
  const { context, repository, appVersion } = dependencies;
  const { scrubber, ports } = context;
  const { id } = walk.walkthrough;
  // Stored without secrets; but some became known only later.
  const view = scrubber.scrub(viewOf(walk, dependencies.view, format === 'checklist' || walk.walkthrough.mode === 'paper'));
  const evidence = [...new Set([...view.evidence.map((piece) => piece.id), ...view.steps.flatMap(({ output }) => output?.evidenceId ?? [])])].flatMap((evidenceId) => repository.evidence(id, evidenceId) ?? []);
  return exportReport(
    {
      view,
      timeline: scrubber.scrub(timelineOf(repository, walk, 0)),
      events: scrubber.scrub(repository.load(id)),
      evidence: evidence.map((found) => ({ id: found.id, name: scrubber.scrub(found.name), media: found.media, content: found.media.startsWith('text/') ? scrubber.scrub(found.data.toString('utf8')) : found.data.toString('base64') })),
      definitionText: scrubber.scrub(walk.text),
      appVersion,
      exportedAt: new Date(ports.clock.now()).toISOString(),
    },
    format,
  );
}
