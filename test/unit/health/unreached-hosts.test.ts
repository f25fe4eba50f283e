/** What is said of hosts that could not be looked at, where one thing keeps several of them from it. */
import { describe, expect, test } from 'vitest';
import type { Host } from '#shared/contract/hosts.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { openVaultFirst, testItFirst } from '#shared/domain/health-openers.ts';
import { findingsOf, goneSince, machineNamed, type Unreached } from '#engine/health/unreached-hosts.ts';

const host = (label: string, viaId: string | null = null): Host => ({ id: label, systemId: 's', label, connection: { host: `${label}.internal`, port: 22, user: 'ann', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId }, platform: null, lastSeenAt: null, lastError: null });
const failed = (code: ErrorShape['code'], hop: string, what: string, details: Record<string, unknown> = {}): ErrorShape => ({ code, message: `${hop}: ${what}`, hint: 'Do this.', retryable: false, details: { hop, ...details }, correlationId: '' });

const bastion = host('bastion');
const fleet = Array.from({ length: 20 }, (_each, index) => host(`db-${index + 1}`, 'bastion'));
const hosts = { wayTo: ({ viaId }: { viaId: string | null }) => (viaId === null ? [] : [bastion]) };
const ofBastion = 'bastion (ann@bastion.internal)';
const ofHost = ({ label }: Host) => `${label} (ann@${label}.internal, reached through bastion)`;
const unreached = (each: Host, error: ErrorShape): Unreached => ({ host: each, error, at: machineNamed(error, each, hosts), isStopped: false });
const said = (away: readonly Unreached[]) => away.map((each) => findingsOf(each, away));
const distinct = (away: readonly Unreached[]) => new Set(said(away).flatMap(({ connection, others }) => [connection, others].map(({ status, summary, opener }) => `${status}: ${summary} ${opener ?? ''}`)));

describe('twenty hosts that lack the same', () => {
  test.each([
    ['a password', 'ssh.password-needed', (label: string) => `the password of ${label} is needed.`, {}, `Not asked: its password is missing ${testItFirst}`],
    ['the passphrase of one key', 'ssh.passphrase-needed', () => 'the passphrase of the key file ~/.ssh/id is needed.', { path: '~/.ssh/id' }, `Not asked: the passphrase of ~/.ssh/id is missing ${testItFirst}`],
    ['somebody who answers what they ask', 'ssh.question-unanswered', (label: string) => `It asked "Code for ${label}", and nobody answered in time.`, {}, `Not asked: it asks something as one signs in, and nobody answered ${testItFirst}`],
    ['somebody who trusts their keys', 'ssh.host-key-unknown', (label: string) => `its key is not known yet: SHA256:${label}.`, {}, `Not asked: nobody has said yet that its key is to be trusted ${testItFirst}`],
    ['a key file', 'ssh.key-file', () => 'the key file ~/.ssh/id is not there.', {}, 'Not asked: the key file ~/.ssh/id is not there. Do this.'],
  ] as const)('say so in the same words: %s', (_what, code, what, details, words) => {
    expect([...distinct(fleet.map((each) => unreached(each, failed(code, ofHost(each), what(each.label), details))))]).toEqual([`unknown: ${words}`]);
  });
  test('behind a locked vault wait for it', () => {
    const locked: ErrorShape = { code: 'vault.locked', message: 'The vault is locked.', hint: 'Unlock it.', retryable: true, details: {}, correlationId: '' };
    expect([...distinct(fleet.map((each) => unreached(each, locked)))]).toEqual([`unknown: Not asked: The vault is locked. ${openVaultFirst}`]);
  });
  test('are told by the machine on the way where that lacks it', () => {
    expect([...distinct(fleet.map((each) => unreached(each, failed('ssh.password-needed', ofBastion, 'the password of ann is needed.'))))]).toEqual([`unknown: Not asked: bastion is on the way to it, and its password is missing ${testItFirst}`]);
  });
});

describe('hosts behind a machine that is away', () => {
  const down = failed('ssh.refused', ofBastion, 'nothing answers at 10.0.0.1 port 22: the connection was refused.', { layer: 'network' });
  test('were not asked, and it is critical alone', () => {
    const away = [unreached(bastion, down), ...fleet.map((each) => unreached(each, down))];
    expect([said(away).filter(({ connection }) => connection.status === 'critical').length, said(away)[0]?.connection.summary, said(away)[1]?.connection.summary]).toEqual([1, 'Nothing answers at 10.0.0.1 port 22: the connection was refused.', 'Not asked: bastion is on the way to it, and could not be reached']);
  });
  test('are critical where nobody looks at that machine itself, and name it', () => {
    expect([...distinct(fleet.map((each) => unreached(each, down)))].filter((words) => words.startsWith('critical'))).toEqual([`critical: ${down.message} `]);
  });
  test('are critical where it was reached itself, and lets nobody through to them', () => {
    const refused = failed('ssh.forwarding-refused', ofBastion, 'it does not let connections through, to db-1.internal port 22: administratively prohibited.');
    expect(said([unreached(fleet[0] as Host, refused)])[0]?.connection).toMatchObject({ status: 'critical', summary: refused.message });
  });
});

describe('a machine that went away after it was looked at', () => {
  const lost = failed('ssh.connection-lost', ofBastion, 'the connection was lost (it closed the connection) and with it that to db-1, while a command ran.');
  const down = failed('ssh.refused', ofBastion, 'nothing answers at 10.0.0.1 port 22: the connection was refused.', { layer: 'network' });
  const reached = new Set(['bastion']);
  test('is told by the last that was met there, and those behind it were not asked', () => {
    const behind = fleet.map((each, index) => unreached(each, index === 0 ? lost : down));
    const gone = goneSince(behind, reached);
    const away = [...behind, ...gone];
    expect([gone.map(({ host: { label }, error }) => `${label}: ${error.code}`), new Set(behind.map((each) => findingsOf(each, away).connection.summary)), said(gone)[0]?.connection.summary]).toEqual([['bastion: ssh.refused'], new Set(['Not asked: bastion is on the way to it, and could not be reached']), 'Nothing answers at 10.0.0.1 port 22: the connection was refused.']);
  });
  test.each([
    ['it lets nobody through', failed('ssh.forwarding-refused', ofBastion, 'it does not let connections through.'), reached],
    ['something is missing here', failed('ssh.password-needed', ofBastion, 'the password of ann is needed.'), reached],
    ['it is told by its own look', down, new Set<string>()],
    ['what failed is behind it', failed('ssh.refused', ofHost(fleet[0] as Host), 'nothing answers there.'), reached],
  ])('is none where %s', (_what, error, seen) => {
    expect(goneSince([unreached(fleet[0] as Host, error)], seen)).toEqual([]);
  });
});

describe('where it ended', () => {
  const [one] = fleet as [Host];
  const rowOf = (error: ErrorShape) => findingsOf(unreached(one, error), []).connection.evidence;
  test.each([
    ['the host key', failed('ssh.host-key-changed', ofHost(one), 'it shows another key.', { layer: 'host-key', host: 'db-1.internal' }), 'Host key'],
    ['signing in', failed('ssh.authentication', ofHost(one), 'ann was not let in.', { layer: 'sign-in' }), 'Sign-in'],
    ['signing in, of what is missing before', failed('ssh.password-needed', ofHost(one), 'the password of ann is needed.'), 'Sign-in'],
    ['the machine before it, that lets nobody through', failed('ssh.forwarding-refused', ofBastion, 'it does not let connections through.'), 'Tunnel'],
    ['its shell', failed('ssh.command-failed', ofHost(one), 'its shell ran no script.'), 'Command'],
  ])('is said in the words of a test: %s', (_what, error, word) => {
    expect(rowOf(error)).toMatchObject({ columns: ['machine', 'failed at', 'code', 'what to do'], rows: [[error.details['hop'], word, error.code, 'Do this.']] });
  });
});
