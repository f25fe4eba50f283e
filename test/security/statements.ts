/**
 * Every statement of the security of Pilothouse: what it promises, the tests that prove it, and what those are seen to
 * fail by. `npm run test:mutations` takes each protection away and looks.
 */
import type { Beside, Statement } from '#test/security/statement.ts';
import { endpoints } from './table/endpoints.ts';
import { loopback } from './table/loopback.ts';
import { rest } from './table/rest.ts';
import { runbookValues } from './table/runbook-values.ts';
import { runbooks } from './table/runbooks.ts';
import { secrets } from './table/secrets.ts';
import { ssh } from './table/ssh.ts';
import { systems } from './table/systems.ts';
import { window } from './table/window.ts';

export const statements: readonly Statement[] = [...window, ...loopback, ...secrets, ...ssh, ...rest, ...runbookValues, ...runbooks, ...endpoints, ...systems];

/** Tests of test/security that prove no statement by themselves. */
export const beside: readonly Beside[] = [
  { file: 'test/security/statements.test.ts', tests: null, because: 'It looks at this table.' },
  {
    file: 'test/security/loopback-files.test.ts',
    tests: ['files of the console > are served by their exact path', 'files of the console > are not served at all before they are built', 'files of the console > are not served with a page that has no place for the nonce', 'a connection that goes on for too long > is closed without a word where nothing was asked on it, so that no browser takes that for an answer'],
    because: 'What is refused would say little if nothing were answered, and what was not built is told in words.',
  },
  { file: 'test/security/loopback-headers.test.ts', tests: ['a request as a browser sends it > is answered: %s', 'the page > may be opened from a link elsewhere'], because: 'The requests of which each row spoils one thing are answered when nothing is spoiled.' },
  {
    file: 'test/security/loopback-sessions.test.ts',
    tests: ['a one-time token > is refused and counted when it is wrong', 'a one-time token > works after many wrong ones: they lock nobody out', 'a one-time token > is refused without one', 'a one-time token > stays good while another one is used', 'a one-time token > is not the session it becomes', 'a WebSocket > is served after its session', 'a WebSocket > may send a long frame together with its session', 'the server > goes on after connections that could not be taken', 'the server > closes while browsers are connected'],
    because: 'Whoever may come in comes in, whatever others try.',
  },
  { file: 'test/security/plan-way.test.ts', tests: ['a plan of files is refused as changed when, since then, > and not when a key was revoked that is of no machine on its way'], because: 'A plan is refused for its own way alone.' },
];
