export { checklistPage, type Checklist } from './checklist.ts';
export type { EvidenceContent, WalkthroughReport } from './report.ts';
export { exportReport, type ExportFormat, type ExportedFile } from './exported.ts';
export { timelineText } from './timeline-text.ts';
export { runWords } from './words.ts';
