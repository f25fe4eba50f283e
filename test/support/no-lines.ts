/** For what is never reached through a host. */
import type { HostLines } from '#engine/ssh/lines.ts';

export const noLines: HostLines = { open: () => Promise.reject(new Error('This test has no hosts.')) };
