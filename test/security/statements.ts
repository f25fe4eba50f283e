/**
 * Every statement of the security of Pilothouse: what it promises, the tests that prove it, and what those are seen to
 * fail by. `npm run test:mutations` takes each protection away and looks.
 */
import type { Beside, Statement } from '#test/security/statement.ts';
import { loopback } from './table/loopback.ts';
import { rest } from './table/rest.ts';
import { secrets } from './table/secrets.ts';
import { ssh } from './table/ssh.ts';

export const statements: readonly Statement[] = [...loopback, ...secrets, ...ssh, ...rest];

/** Tests of test/security that prove no statement by themselves. */
export const beside: readonly Beside[] = [];
