/** The states that have a shape of their own. */
export type GlyphKind = 'ok' | 'warn' | 'critical' | 'unknown' | 'skipped' | 'running' | 'waiting' | 'failed' | 'stopped' | 'todo';
