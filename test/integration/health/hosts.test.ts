/** Hosts looked at over a real sshd: under dash and under BusyBox, as an account that may do nothing, on good days and on bad ones. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { hostChecks, pieces, scriptOf, seenIn, type PieceId } from '#engine/health/host/index.ts';
import { watch } from '#engine/health/look-at-host.ts';
import { systemClock } from '#engine/ports.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { exec } from '#engine/ssh/exec.ts';
import { freePort } from '#test/free-port.ts';
import { busybox, folderOfBusybox, lookingEngine, startLookHost, stranger, whyNoStranger, type LookHost } from '#test/look-host.ts';
import { begin, endOf } from '#test/run-to-end.ts';
import { cutConnections, startSshServer, whyNoSshServer } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

/** A file that a program of a host leaves for the test to see; removed by whoever asks for it. */
const flagOf = () => join(tmpdir(), `pilothouse-test-flag-${process.pid}-${Math.random().toString(36).slice(2)}`);

const sessionsOf = ({ server }: LookHost) => server.log().split('Starting session: ').length - 1;

/** Every file below these folders that belongs to the account. */
function filesOf(uid: number, folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry): string[] => {
      const path = join(folder, entry.name);
      try {
        const own = statSync(path).uid === uid ? [path] : [];
        return entry.isDirectory() ? [...own, ...filesOf(uid, [path])] : own;
      } catch (error) {
        // It went meanwhile, or is a link to nowhere: others work on this machine.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    });
  });
}

describe.each([['dash', false], ['BusyBox', true]] as const)('a full look under %s, as an account that may do nothing', (_name, withBusybox) => {
  test('answers every check by one channel, and leaves nothing behind', { timeout: 60_000 }, async (context) => {
    if (whyNoStranger !== null) context.skip(whyNoStranger);
    if (withBusybox && busybox === null) context.skip('there is no busybox: apt-get install busybox');
    const host = await startLookHost({ asStranger: true, withBusybox });
    const engine = await lookingEngine();
    const hostId = await engine.addHost('web-1', host);
    const { operation, run, results } = await engine.look();
    expect([operation.state, run?.status !== undefined, sessionsOf(host)]).toEqual(['succeeded', true, 1]);
    const about = results.map(({ check, target, hostId: of, databaseId }) => `${check} ${target} ${of ?? ''} ${databaseId ?? 'no database'}`);
    expect([about.length, new Set(about)]).toEqual([hostChecks.length, new Set(hostChecks.map((check) => `${check.about.id} web-1 ${hostId} no database`))]);
    expect(results.filter(({ summary }) => /could not be understood|ended before/.test(summary))).toEqual([]);
    const sure = ['host-connection', 'os', 'cpu', 'cpu-steal', 'cpu-iowait', 'load', 'memory', 'zombies', 'file-handles', 'clock', 'open-ports'];
    expect(results.filter(({ check, status }) => sure.includes(check) && (status === 'unknown' || status === 'skipped'))).toEqual([]);
    expect(results.filter(({ status, opener }) => status === 'unknown' && opener === null)).toEqual([]);
    const left = filesOf(stranger.uid, ['/tmp', '/var/tmp', '/dev/shm', '/run', '/var/cache', '/var/lib', '/var/log']).filter((path) => path !== host.home);
    expect([left, readdirSync(host.home)]).toEqual([[], []]);
  });
});

test('where there is nothing but BusyBox, no /proc and no /etc, nothing is well that was not seen', async (context) => {
  if (whyNoStranger !== null || busybox === null) context.skip(whyNoStranger ?? 'there is no busybox: apt-get install busybox');
  const engine = await lookingEngine();
  await engine.addHost('web-1', await startLookHost({ settings: { ForceCommand: `exec /usr/sbin/chroot ${await folderOfBusybox()} /bin/sh -s` } }));
  const { operation, results } = await engine.look();
  const of = (status: string) => results.filter((result) => result.status === status).map(({ check }) => check);
  expect([operation.state, results.length, of('warn'), of('critical')]).toEqual(['succeeded', hostChecks.length, [], []]);
  // The clock and the messages of the kernel are asked of the kernel itself.
  expect(of('ok').filter((check) => !['host-connection', 'clock', 'kernel-errors'].includes(check))).toEqual([]);
  expect(of('unknown')).toEqual(expect.arrayContaining(['os', 'cpu', 'memory', 'disk', 'filesystem-errors', 'zombies', 'open-ports', 'failed-units', 'journal-errors', 'auth-failures']));
});

test('root looks without making the caches of the package manager anew', { timeout: 60_000 }, async (context) => {
  if (process.getuid?.() !== 0) context.skip('only root could write them');
  const folders = ['/var/cache/apt', '/var/lib/apt', '/var/lib/apt/lists', '/var/log/apt'].filter((folder) => existsSync(folder));
  const state = () => folders.map((folder) => [folder, statSync(folder).mtimeMs, readdirSync(folder)]);
  const before = state();
  const engine = await lookingEngine();
  const host = await startLookHost({ withApt: true });
  await engine.addHost('web-1', host);
  const { operation } = await engine.look(['security-updates']);
  expect([operation.state, state(), readdirSync(host.home)]).toEqual(['succeeded', before, []]);
});

describe('what is looked at', () => {
  test('is only what was named, and only for that the script is sent', async () => {
    const engine = await lookingEngine();
    await engine.addHost('web-1', await startLookHost());
    const { client, systemId } = engine;
    const { plan } = await client.call('health.plan', { systemId, only: ['memory', 'disk'] });
    expect([plan.runnable, plan.changes, plan.steps.map(({ id }) => id), plan.targets.map(({ label }) => label)]).toEqual([true, false, ['hosts', 'store'], ['web-1']]);
    const script = scriptOf('mark', new Set<PieceId>(['memory', 'mounts']));
    expect([script.includes('begin memory'), script.includes('begin mounts'), script.includes('apt-get'), script.includes('sleep')]).toEqual([true, true, false, false]);
  });
  test('goes by the limits of the system, and has a trend', async () => {
    const engine = await lookingEngine();
    await engine.addHost('web-1', await startLookHost());
    const { client, systemId } = engine;
    const whole = await engine.look();
    await client.call('health.setThreshold', { systemId, check: 'memory', threshold: { warn: 0, critical: null } });
    const { find } = await engine.look(['memory']);
    expect([whole.find('memory')?.status, find('memory')?.status, find('memory')?.warn, find('memory')?.trend.length]).toEqual(['ok', 'warn', 0, 2]);
    expect((await client.call('overview.get', {})).systems[0]?.worst).toMatch(/^web-1: /);
    expect([find('oom-kills')?.status, find('oom-kills')?.summary.startsWith('Baseline taken')]).toEqual(['unknown', true]);
    expect((await engine.look(['oom-kills'])).find('oom-kills')).toMatchObject({ status: 'ok', value: 0 });
  }, 30_000);
  test('of a system without hosts cannot be planned by checks of hosts alone', async () => {
    const { client, systemId } = await lookingEngine();
    const { plan } = await client.call('health.plan', { systemId, only: ['memory'] });
    expect([plan.runnable, plan.findings[0]?.title]).toEqual([false, 'Looked at has no host yet']);
  });
  test('is several hosts beside each other, each by its name', async () => {
    const engine = await lookingEngine();
    // Each answers only once the other was asked, too.
    const [mine, yours] = [flagOf(), flagOf()];
    const waiting = (own: string, other: string) => ({ uname: `: >'${own}'; while [ ! -e '${other}' ]; do sleep 0.1; done; echo 'Linux 6.1.0 x86_64'` });
    onTestFinished(() => [mine, yours].forEach((flag) => rmSync(flag, { force: true })));
    const [one, two] = await Promise.all([startLookHost({ programs: waiting(mine, yours) }), startLookHost({ programs: waiting(yours, mine) })]);
    await engine.addHost('web-1', one);
    await engine.addHost('web-2', two);
    const { results } = await engine.look();
    expect([...new Set(results.map(({ target }) => target))].map((target) => results.filter((result) => result.target === target).length)).toEqual([hostChecks.length, hostChecks.length]);
  }, 30_000);
});

describe('a fault that is there is found', () => {
  const found = async (only: string[], host: LookHost, ports = {}) => {
    const engine = await lookingEngine(ports);
    await engine.addHost('web-1', host);
    const operation = await engine.run(only);
    const { results } = await engine.client.call('health.run', { runId: String(operation.result?.['runId']) });
    return (check: string) => results.find((result) => result.check === check);
  };
  test('zombies, with their parent', async () => {
    const parent = spawn('/bin/sh', ['-c', 'for i in 1 2 3 4 5 6; do /bin/true & done; exec sleep 60'], { stdio: 'ignore' });
    onTestFinished(() => void parent.kill());
    const host = await startLookHost();
    let zombies: Awaited<ReturnType<typeof found>> | null = null;
    await waitFor('them to be seen', async () => ((zombies = await found(['zombies'], host))('zombies')?.value ?? 0) >= 6, { within: 15_000 });
    const result = (zombies as Awaited<ReturnType<typeof found>> | null)?.('zombies');
    expect([result?.status, result?.evidence.rows.filter((row) => row[2] === parent.pid).length, result?.evidence.rows.find((row) => row[2] === parent.pid)?.[3]]).toEqual(['warn', 6, 'sleep']);
  }, 30_000);
  test('a clock that is wrong: here it is that of this computer', async () => {
    const look = await found(['clock'], await startLookHost(), { clock: { ...systemClock, now: () => systemClock.now() + 60_000 } });
    expect(look('clock')).toMatchObject({ status: 'critical', summary: expect.stringContaining('behind this computer') });
  });
  test('processors that never rest', async () => {
    const busy = Array.from({ length: availableParallelism() + 1 }, () => spawn('/bin/sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
    onTestFinished(() => busy.forEach((one) => void one.kill('SIGKILL')));
    const look = await found(['cpu'], await startLookHost());
    expect(look('cpu')?.status).toMatch(/warn|critical/);
  });
  test('a port that is listened on is seen, on loopback without a finding', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void listener.close());
    await waitFor('it to listen', () => listener.listening);
    const { port } = listener.address() as { port: number };
    const look = await found(['open-ports'], await startLookHost());
    expect(look('open-ports')?.evidence.rows.find((row) => row[0] === port)).toEqual([port, null, false, 'IPv4']);
  });
  test('a container that is to run and is down, as Docker tells it', async () => {
    const docker = `case "$1 $2" in
'ps -a') echo '{"ID":"abc","Names":"web","Image":"shop","State":"exited","Status":"Exited (137) 5 minutes ago"}';;
'ps -aq') echo abc;;
inspect*) echo 'abc always';;
esac`;
    const look = await found(['docker'], await startLookHost({ programs: { docker } }));
    expect(look('docker')).toMatchObject({ status: 'critical', summary: '1 container of 1 not well: web (Exited (137) 5 minutes ago)', fix: { do: expect.stringContaining('docker start web') } });
  });
  test('a shell that talks before it works', async () => {
    const host = await startLookHost({ settings: { ForceCommand: 'echo "Welcome to web-1"; exec /bin/sh -s' } });
    expect((await found(['host-connection', 'memory'], host))('host-connection')).toMatchObject({ status: 'warn', summary: expect.stringContaining('"Welcome to web-1"') });
  });
});

describe('passwords on a host', () => {
  const canary = 'canary-of-a-password';
  const heard = async (host: LookHost, ...wanted: PieceId[]) => {
    const connection = await connectChain([host.server.hop()]);
    onTestFinished(() => connection.close());
    return watch(connection, { signal: new AbortController().signal, mark: 'ph4711', wanted: new Set(wanted), now: Date.now });
  };
  const textOf = ({ output }: Awaited<ReturnType<typeof heard>>) => JSON.stringify([...output.sections]);
  test('in the lines of crontabs stay there', async () => {
    const host = await startLookHost({ programs: { crontab: `echo 'PGPASSWORD=${canary}'; echo '0 2 * * * PGPASSWORD=${canary} pg_dump -w ${canary}'; echo '@daily curl -u me:${canary}'` } });
    const said = textOf(await heard(host, 'crontab'));
    expect([said.includes(canary), said.includes('0 2 * * * PGPASSWORD= pg_dump'), said.includes('@daily curl -u')]).toEqual([false, true, true]);
  });
  test('in the environment of programs under pm2 stay there, and no second daemon is started', async () => {
    const host = await startLookHost({ programs: { pm2: `[ "$1" = jlist ] && [ -n "$PM2_HOME" ] && echo 'In-memory PM2 is out-of-date' && echo '[{"name":"api","pm2_env":{"status":"online","restart_time":3,"env":{"DB_PASSWORD":"${canary}"}}}]'` } });
    const home = join(host.home, 'pm2');
    const daemon = spawn(process.execPath, ['-e', `process.title = 'PM2 v5.3.0: God Daemon (${home})'; require('node:fs').mkdirSync(${JSON.stringify(home)}); require('node:net').createServer().listen(${JSON.stringify(join(home, 'rpc.sock'))})`, 'x'.repeat(400)], { stdio: 'ignore' });
    onTestFinished(() => void daemon.kill('SIGKILL'));
    await waitFor('its socket', () => existsSync(join(home, 'rpc.sock')));
    const look = await heard(host, 'pm2', 'pm2-daemons');
    expect([seenIn(look.output).lines('pm2'), textOf(look).includes(canary), readdirSync(home)]).toEqual([['{"name":"api","status":"online","restarts":3}'], false, ['rpc.sock']]);
  });
  test('beside certificates, as their keys, stay there', async () => {
    const host = await startLookHost({ programs: { grep: `case "$*" in *ssl_certificate*) echo "ssl_certificate $HOME/site.pem;";; *) exec /usr/bin/grep "$@";; esac` } });
    writeFileSync(join(host.home, 'site.pem'), `-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nthe next\n-----END CERTIFICATE-----\n`);
    const look = await heard(host, 'certificates');
    expect([textOf(look).includes(canary), seenIn(look.output).lines('certificates')]).toEqual([false, [`file ${join(host.home, 'site.pem')}`, '-----BEGIN CERTIFICATE-----', 'MIIB', '-----END CERTIFICATE-----']]);
  });
});

describe('a look that goes wrong', () => {
  const hanging = (flag: string) => ({ df: `: >'${flag}'; exec sleep 120`, timeout: 'exit 125' });
  const connect = async (host: LookHost) => {
    const connection = await connectChain([host.server.hop()]);
    onTestFinished(() => connection.close());
    return connection;
  };
  const early: PieceId[] = ['memory', 'mounts', 'space', 'reboot-file'];

  test.each([
    ['that takes too long', async () => {}, 1500, 'it took longer than 2 s'],
    ['whose connection is cut', (host: LookHost) => Promise.resolve(cutConnections(host.server)), 30_000, 'the connection was lost'],
  ] as const)('%s keeps what it has read, and says what is missing', async (_what, meddle, limitMs, why) => {
    const flag = flagOf();
    onTestFinished(() => rmSync(flag, { force: true }));
    const host = await startLookHost({ programs: hanging(flag) });
    const looking = watch(await connect(host), { signal: new AbortController().signal, mark: 'ph4711', wanted: new Set(early), now: Date.now, limitMs });
    await waitFor('df to hang', () => existsSync(flag));
    await meddle(host);
    const { output, cutBy, exitStatus } = await looking;
    const seen = seenIn(output);
    expect([output.whole, cutBy?.includes(why), exitStatus, seen.cut('memory'), seen.cut('space'), seen.cut('reboot-file')]).toEqual([false, true, null, false, true, true]);
  });
  test('that prints without end is cut off, and what came before is kept', async () => {
    const host = await startLookHost({ programs: { df: `yes 'as long as it likes' | head -c 9000000` } });
    const { output, cutBy } = await watch(await connect(host), { signal: new AbortController().signal, mark: 'ph4711', wanted: new Set(early), now: Date.now });
    expect([output.whole, cutBy, seenIn(output).cut('memory'), seenIn(output).cut('space')]).toEqual([false, 'it printed more than 8 MiB', false, true]);
  });
  test('is over when it is cancelled', async () => {
    const flag = flagOf();
    onTestFinished(() => rmSync(flag, { force: true }));
    const host = await startLookHost({ programs: hanging(flag) });
    const stop = new AbortController();
    const looking = watch(await connect(host), { signal: stop.signal, mark: 'ph4711', wanted: new Set(early), now: Date.now });
    await waitFor('df to hang', () => existsSync(flag));
    stop.abort(new Error('enough'));
    await expect(looking).rejects.toThrow('enough');
  });
  test('does nothing at all of a script of which the end is missing', async () => {
    const host = await startLookHost();
    const connection = await connect(host);
    const whole = scriptOf('ph4711');
    const { stdout } = await exec(connection, '/bin/sh -s', { input: whole.slice(0, whole.length - 200) });
    expect(stdout).toBe('');
  });

  test('says which machine on the way is away and what to do, and is no failed run', async () => {
    const engine = await lookingEngine();
    const [bastion, host] = await Promise.all([startLookHost(), startLookHost()]);
    const viaId = await engine.addHost('bastion', bastion);
    await engine.addHost('web-1', host, { viaId, port: await freePort() });
    const { operation, results, find } = await engine.look();
    const others = results.filter(({ target, check }) => target === 'web-1' && check !== 'host-connection');
    expect([operation.state, others.length, new Set(others.map(({ status, summary }) => `${status}: ${summary}`)).size, others[0]?.status]).toEqual(['succeeded', hostChecks.length - 1, 1, 'unknown']);
    expect(find('host-connection', 'web-1')).toMatchObject({ status: 'critical', summary: expect.stringMatching(/^Bastion/), causes: [expect.stringMatching(/.{20}/)], evidence: { columns: ['machine', 'failed at', 'code', 'what to do'], rows: [[expect.stringMatching(/^web-1 .*reached through bastion/), 'Network', 'ssh.refused', expect.any(String)]] } });
    expect(find('host-connection', 'bastion')?.status).toBe('ok');
    const { hosts } = await engine.client.call('host.list', { systemId: engine.systemId });
    expect(hosts.map(({ label, lastError, lastSeenAt, platform }) => [label, lastError?.code ?? null, lastSeenAt !== null, platform?.startsWith('Linux') ?? false])).toEqual([['bastion', null, true, true], ['web-1', 'ssh.refused', false, false]]);
  }, 30_000);
  test('names an account that runs no commands', async () => {
    const engine = await lookingEngine();
    await engine.addHost('web-1', await startLookHost({ settings: { ForceCommand: 'echo "This account is not available."; exit 1' } }));
    expect((await engine.look()).find('host-connection')).toMatchObject({ status: 'critical', summary: expect.stringContaining('This account is not available.'), causes: [expect.stringContaining('authorized_keys')] });
  });
  test('is in the history with how its shell ended', async () => {
    const engine = await lookingEngine();
    await engine.addHost('web-1', await startLookHost({ settings: { ForceCommand: '/bin/sh -s; exit 3' } }));
    const { operation } = await engine.look(['memory']);
    const { events } = await engine.client.call('operation.events', { operationId: operation.id });
    expect(events.flatMap((event) => (event.kind === 'log' && event.command?.target === 'web-1' ? [event.command.exitStatus] : []))).toEqual([3]);
  });
  test('skips what only Linux has on another system, and says that once', async () => {
    const engine = await lookingEngine();
    await engine.addHost('web-1', await startLookHost({ programs: { uname: 'echo Darwin 25.1.0 arm64' } }));
    const { results, find } = await engine.look();
    const others = results.filter(({ check }) => check !== 'os' && check !== 'host-connection');
    expect([find('host-connection')?.status, find('os')?.status, new Set(others.map(({ status, summary }) => `${status}: ${summary}`))]).toEqual(['ok', 'unknown', new Set(['skipped: Only hosts with Linux are looked at, and this one runs Darwin 25.1.0 arm64'])]);
  });
  test('names a key that changed', async () => {
    const engine = await lookingEngine();
    const host = await startLookHost();
    const another = await startSshServer();
    onTestFinished(() => another.stop());
    await engine.addHost('web-1', { ...host, server: { ...host.server, knownKeys: another.knownKeys } });
    expect((await engine.look()).find('host-connection')).toMatchObject({ status: 'critical', evidence: { rows: [[expect.any(String), 'Host key', 'ssh.host-key-changed', expect.any(String)]] } });
  });
  test('of a database behind a host whose key changed names the layer of the host that failed, and tries nothing once more', async () => {
    const engine = await lookingEngine();
    const host = await startLookHost();
    const another = await startSshServer();
    onTestFinished(() => another.stop());
    const viaId = await engine.addHost('db-1', { ...host, server: { ...host.server, knownKeys: another.knownKeys } });
    await engine.client.call('database.add', { systemId: engine.systemId, connection: { host: '127.0.0.1', port: 5432, database: 'shop', user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'ask' }, viaId }, password: 'words' });
    const { find } = await engine.look();
    expect(find('host-connection', 'db-1')?.status).toBe('critical');
    expect(find('connectivity')).toMatchObject({ status: 'unknown', summary: 'Not asked: db-1 is on the way to it, and could not be reached', evidence: { columns: ['layer', 'state', 'detail', 'ms'], rows: [[expect.stringMatching(/^Host key of db-1 /), 'Failed', expect.stringMatching(/^it shows /), null], ['Postgres behind it', 'Not tried', '', null]] } });
  });
  test('behind a bastion that is away is not known, and the bastion alone is critical', async () => {
    const engine = await lookingEngine();
    const host = await startLookHost();
    const viaId = await engine.addHost('bastion', host, { port: await freePort() });
    await engine.addHost('web-1', host, { viaId });
    await engine.addHost('web-2', host, { viaId });
    const { results } = await engine.look();
    const unknown = results.filter(({ target }) => target !== 'bastion');
    expect([results.filter(({ status }) => status === 'critical').map(({ check, target }) => `${check} ${target}`), new Set(unknown.map(({ status, summary }) => `${status}: ${summary}`))]).toEqual([['host-connection bastion'], new Set(['unknown: Not asked: bastion is on the way to it, and could not be reached'])]);
  });
  test('behind a bastion that went away after it was looked at is not known, and the bastion alone is critical, and keeps why', async () => {
    const flag = flagOf();
    onTestFinished(() => rmSync(flag, { force: true }));
    const engine = await lookingEngine();
    const bastion = await startLookHost();
    const viaId = await engine.addHost('bastion', bastion);
    await engine.addHost('web-1', await startLookHost({ settings: { ForceCommand: `: >'${flag}'; exec sleep 120` } }), { viaId });
    const { client, systemId } = engine;
    const operationId = await begin(client, (await client.call('health.plan', { systemId })).plan);
    await waitFor('the bastion to be looked at, and the host behind it to be asked', async () => existsSync(flag) && (await client.call('operation.get', { operationId })).operation.progressText === '1 of 2 hosts tried');
    cutConnections(bastion.server);
    const operation = await endOf(client, operationId);
    const { results } = await client.call('health.latest', { systemId });
    const of = (label: string) => results.filter(({ target }) => target === label);
    expect([operation.state, of('bastion').length, of('bastion').find(({ check }) => check === 'host-connection')?.status, of('bastion').find(({ check }) => check === 'memory')?.status]).toEqual(['succeeded', hostChecks.length, 'critical', 'ok']);
    expect(new Set(of('web-1').map(({ status, summary }) => `${status}: ${summary}`))).toEqual(new Set(['unknown: Not asked: bastion is on the way to it, and could not be reached']));
    const { hosts } = await client.call('host.list', { systemId });
    expect(hosts.map(({ label, lastError }) => [label, lastError?.code ?? null])).toEqual([['bastion', 'ssh.connection-lost'], ['web-1', null]]);
  }, 30_000);
  test('that a database is behind is critical alone, and the database as well where nobody looks at the host', async () => {
    const engine = await lookingEngine();
    const viaId = await engine.addHost('bastion', await startLookHost(), { port: await freePort() });
    for (const database of ['shop', 'site']) await engine.client.call('database.add', { systemId: engine.systemId, connection: { host: '127.0.0.1', port: 5432, database, user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'none' }, viaId } });
    const whole = await engine.look();
    // How well they are backed up is known without them.
    const critical = whole.results.filter(({ status, check }) => status === 'critical' && check !== 'last-backup').map(({ check, target }) => `${check} ${target}`);
    const alone = await engine.look(['connectivity']);
    expect([critical, alone.results.filter(({ check }) => check === 'connectivity').map(({ status }) => status)]).toEqual([['host-connection bastion'], ['critical', 'critical']]);
  }, 30_000);
  test('is not known where a password was not typed: nothing is wrong with the host', async () => {
    const engine = await lookingEngine();
    await engine.addHost('web-1', await startLookHost(), { signIn: { keys: [], agent: false, password: { source: 'ask' } } });
    await engine.addHost('web-2', await startLookHost(), { signIn: { keys: [], agent: false, password: { source: 'ask' } } });
    const { results } = await engine.look();
    expect([results.length, new Set(results.map(({ status, summary }) => `${status}: ${summary}`))]).toEqual([hostChecks.length * 2, new Set(['unknown: Not asked: its password is missing'])]);
  });
});

test('every piece runs to its end on this machine, in order', async () => {
  const host = await startLookHost();
  const connection = await connectChain([host.server.hop()]);
  onTestFinished(() => connection.close());
  const { output, cutBy, answerMs } = await watch(connection, { signal: new AbortController().signal, mark: 'ph4711', now: Date.now });
  const ran = [...output.sections.keys()];
  expect([cutBy, output.whole, ran, answerMs > 0]).toEqual([null, true, pieces.map(({ id }) => id as string).filter((id) => ran.includes(id)), true]);
  expect(ran.length).toBeGreaterThan(35);
});
