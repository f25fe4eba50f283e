/** For what is never reached through a host. */
import type { HostLines } from '#engine/ssh/lines.ts';

const none = (): Promise<never> => Promise.reject(new Error('This test has no hosts.'));

export const noLines: HostLines = { open: none, run: none, pin: () => () => {} };
