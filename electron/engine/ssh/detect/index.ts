export { createDetectionRoom } from './detection-room.ts';
export { detect } from './detect.ts';
export { readFindings } from './read-findings.ts';
export { detectMark, detectScript } from './script.ts';
