/** What is said of the practice system while it is stopped. */
import type { Finding } from './check.ts';
import { unknown } from './findings.ts';

/** The practice system is, and its server and host with it. */
export const stopped: Finding = {
  status: 'critical',
  value: null,
  summary: 'The practice system is stopped',
  meaning: 'Its server does not run, so nothing in it can be looked at. Its data, backups and history stay.',
  causes: ['It was stopped here', 'This computer was restarted since'],
  fix: { where: 'console', do: 'Start the practice system, then check again', undo: null, note: 'It comes back with the data it had. It can be stopped again at any time.', harmless: true, act: { kind: 'start-practice' } },
};

export const notAskedOfStopped = unknown('Not asked: the practice system is stopped', 'Start it, then check again.');
