/** A report in the form that somebody asks for, as a file. */
import { walkedChecklistPage } from './checklist.ts';
import { markdownOf } from '../../documents/markdown.ts';
import { htmlOf } from '../../documents/html.ts';
import { jsonOf } from './json.ts';
import { reportBlocks, type WalkthroughReport } from './report.ts';

/** `checklist`: what is done is ticked, and the rest has room to write on. */
export type ExportFormat = 'markdown' | 'html' | 'json' | 'checklist';

export interface ExportedFile {
  fileName: string;
  mediaType: string;
  content: string;
}

const kinds = {
  markdown: { ending: 'md', mediaType: 'text/markdown', write: (report: WalkthroughReport) => markdownOf(reportBlocks(report)) },
  html: { ending: 'html', mediaType: 'text/html', write: (report: WalkthroughReport) => htmlOf(`${report.view.run.title}: report`, reportBlocks(report)) },
  checklist: { ending: 'checklist.html', mediaType: 'text/html', write: ({ view, exportedAt, timeZone }: WalkthroughReport) => walkedChecklistPage(view, { exportedAt, timeZone }) },
  json: { ending: 'json', mediaType: 'application/json', write: jsonOf },
} as const;

/** What it is called says which runbook, and when it was begun, in UTC: "restart-20261126T020405.md". */
export function exportReport(report: WalkthroughReport, format: ExportFormat): ExportedFile {
  const { ending, mediaType, write } = kinds[format];
  const { runbookId, startedAt } = report.view.run;
  return { fileName: `${runbookId.replaceAll(/[^a-zA-Z0-9-]+/g, '-')}-${startedAt.replaceAll(/[-:]/g, '').slice(0, 15)}.${ending}`, mediaType, content: write(report) };
}
