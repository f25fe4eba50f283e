/** What the methods answer that the console's screens ask. The dispatcher checks the answers; nothing here decides anything. */
import type { Backup } from '#shared/contract/backups.ts';
import type { MethodName, MethodOutput } from '#shared/contract/index.ts';
import type { HistoryHit } from '#shared/contract/history.ts';
import type { OperationEvent, Plan, ProcedureKind } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import type { Change, FixtureState } from './fixture-engine.ts';
import { filesHandlers } from './fixture-files.ts';
import { hostHandlers } from './fixture-hosts.ts';
import { catalogue, healthResults, healthRuns } from './fixture-health.ts';
import { importHandlers } from './fixture-imports.ts';
import { runbookHandlers } from './fixture-runbooks.ts';
import { walkthroughHandlers } from './fixture-walkthroughs.ts';
import { ago, backupPlans, cards, systems, times } from './fixture-systems.ts';
import { compared, plan, swapPlan } from './fixture-work.ts';

interface Tools {
  eventsOf: (operationId: string) => OperationEvent[];
  change: (change: Change) => void;
  start: (plan: Plan) => string;
}

function missing(what: string): PilothouseError {
  return new PilothouseError('store.not-found', `There is no such ${what}.`, { hint: 'It may have been removed. Go back to the list.' });
}

export function fixtureHandlers(state: FixtureState, tools: Tools): Partial<Handlers<MethodName>> {
  const systemOf = (systemId: string) => {
    const system = state.systems.find(({ id }) => id === systemId);
    if (system === undefined) throw missing('system');
    return system;
  };
  const operationOf = (operationId: string) => {
    const operation = state.operations.find(({ id }) => id === operationId);
    if (operation === undefined) throw missing('operation');
    return operation;
  };
  const backupOf = (backupId: string) => {
    const backup = state.backups.find(({ id }) => id === backupId);
    if (backup === undefined) throw missing('backup');
    return here(backup);
  };
  const show = (made: Plan): { plan: Plan } => {
    state.plans.set(made.id, made);
    return { plan: made };
  };
  const planFor = (kind: ProcedureKind, title: string, question: string, more: Partial<Plan> = {}) => show(plan(kind, title, question, more));
  const here = (backup: Backup): Backup => (state.systems.some(({ id }) => id === backup.systemId) ? backup : { ...backup, systemId: null, databaseId: null });
  const present = () => state.backups.map(here).filter((backup) => backup.systemId !== null);
  const settings = () => ({ settings: { theme: state.theme, vaultAutoLockMinutes: 30, historyBudgetBytes: 2_000_000_000, historyKeepDays: 400, undoDays: 7, alwaysConfirmByName: false } });
  let places: MethodOutput<'app.places'> = { last: null, systems: {} };
  const vault = () => ({ state: state.vault, keychain: state.keychain, records: state.vault === 'unlocked' ? 2 : null, locksAt: state.vault === 'unlocked' ? new Date(Date.now() + 25 * times.minute).toISOString() : null });
  const hits = (text: string): HistoryHit[] =>
    state.operations.flatMap((operation) =>
      tools.eventsOf(operation.id).flatMap((event): HistoryHit[] => {
        if (event.kind === 'progress') return [];
        // As the engine does it: a line and then the command that it tells of.
        const line = event.kind === 'log' ? [event.text, event.command?.text].filter((part) => part !== undefined).join('\n') : event.kind === 'result' ? event.summary : event.kind === 'phase' ? `${event.title} ${event.state}` : event.question;
        const at = line.toLowerCase().indexOf(text.toLowerCase());
        if (at < 0) return [];
        const marked = text === '' ? line : `${line.slice(0, at)}\u0002${line.slice(at, at + text.length)}\u0003${line.slice(at + text.length)}`;
        return [{ operationId: operation.id, seq: event.seq, at: operation.createdAt, kind: event.kind, level: event.kind === 'log' ? event.level : null, text: marked, operation: { title: operation.title, kind: operation.kind, state: operation.state, target: operation.target, systemName: operation.systemName, environment: operation.environment, startedAt: operation.startedAt } }];
      }),
    );
  return {
    ...importHandlers(state),
    ...runbookHandlers(state.runbooks),
    'incident.list': () => ({ incidents: [] }),
    ...walkthroughHandlers(state.walks, show, () => tools.change({ topics: ['runbooks'] })),
    'overview.get': () => ({
      at: ago(0), headline: state.systems.length === 0 ? 'No system is known here' : 'One system is critical', needs: state.systems.length === 0 ? [] : state.needs, systems: cards(state.systems, present()),
      running: state.operations.filter((operation) => !isFinished(operation.state)), doneToday: state.operations.filter((operation) => isFinished(operation.state)),
    }),
    'system.list': () => ({ systems: state.systems }),
    'system.get': ({ systemId }) => {
      const system = systemOf(systemId);
      const card = cards([system], present())[0];
      if (card === undefined) throw missing('system');
      return { system, card };
    },
    'system.add': ({ name, environment }) => {
      const system = { id: `sys-${state.systems.length + 1}`, name, environment, readOnly: false, policy: { thresholds: {}, backupAgeHours: { warn: 26, critical: 50 } }, createdAt: ago(0), databases: [] };
      state.systems = [...state.systems, system];
      return { system };
    },
    'system.update': ({ systemId, confirmName: _confirmName, ...part }) => {
      const system = { ...systemOf(systemId), ...part };
      state.systems = state.systems.map((each) => (each.id === systemId ? system : each));
      return { system };
    },
    'system.remove': ({ systemId }) => {
      state.systems = state.systems.filter(({ id }) => id !== systemId);
      return {};
    },
    'database.add': () => {
      throw new PilothouseError('postgres.authentication', 'db-1.neffpaving.example refused the password of role pilothouse.', { hint: 'Type the password again, or ask who looks after the server.' });
    },
    'database.update': ({ acceptCluster, confirmName }) => {
      if (acceptCluster !== undefined) state.acceptedClusters.push({ cluster: acceptCluster, confirmName });
      return { database: systemOf('sys-neff').databases[0] ?? systemOf('').databases[0] as never };
    },
    'database.remove': () => ({}),
    'database.test': () => state.connectionTest ?? ({
      ok: false, machines: null,
      layers: [
        { layer: 'name', state: 'ok', durationMs: 4, detail: '203.0.113.18' }, { layer: 'network', state: 'ok', durationMs: 21, detail: 'port 5432 is open' }, { layer: 'tls', state: 'warn', durationMs: 38, detail: 'TLS 1.3, the certificate is not verified' },
        { layer: 'authentication', state: 'failed', durationMs: 96, detail: 'the password of role pilothouse was refused' }, { layer: 'database', state: 'not-reached', durationMs: null, detail: '' }, { layer: 'privilege', state: 'not-reached', durationMs: null, detail: '' },
      ],
      error: { code: 'postgres.authentication', message: 'db-1.neffpaving.example refused the password of role pilothouse.', hint: 'Type the password again, or ask who looks after the server.', retryable: false, details: {}, correlationId: 'c0ffee' }, server: null,
    }),
    'database.unlock': () => ({ ok: true, machines: null, layers: [], error: null, server: null }),
    'database.parseUrl': () => ({ connection: { host: 'db-2.example', port: 5433, database: 'shop', user: 'reader', tls: { mode: 'verify-full', ca: null } }, hasPassword: true, notes: ['connect_timeout is set by Pilothouse itself'] }),
    'practice.status': () => ({
      state: state.practiceStopped ? 'stopped' : state.practiceRuns ? 'running' : 'absent', reason: null, folder: '/home/person/.local/share/pilothouse/practice', systemId: state.practiceRuns ? 'sys-practice' : null, databaseId: state.practiceRuns ? 'db-practice' : null, port: state.practiceRuns ? 55_432 : null, hostId: null, hostPort: state.practiceRuns ? 55_433 : null, serverVersion: '15.18', sizeBytes: 31_457_280, traffic: true, trafficInside: state.trafficInside,
      planted: [{ check: 'dead-tuples', what: 'autovacuum is off for orders' }, { check: 'sequence-exhaustion', what: 'session_logs.id is far along' }],
    }),
    'practice.plan': ({ action }) =>
      planFor(action === 'up' ? 'practice.up' : action === 'down' ? 'practice.down' : action === 'remove' ? 'practice.remove' : 'practice.reset', action === 'up' ? 'Start the practice system' : action === 'down' ? 'Stop the practice system' : action === 'remove' ? 'Remove the practice system' : 'Reset the practice system', action === 'up' ? 'Start the practice system on this computer?' : action === 'down' ? 'Stop the practice system?' : action === 'remove' ? 'Remove the practice system for good?' : 'Throw the practice system away and begin anew?', {
        systemId: 'sys-practice', environment: 'practice', targets: [{ label: 'this computer, port 55432', databaseId: null, identity: null }], changes: true, irreversible: action === 'reset' || action === 'remove', wayBack: action === 'reset' || action === 'remove' ? null : 'Stop it again at any time; its folder can be thrown away.',
        consequences: ['A Postgres 15.18 of its own in its own folder, about 90 MiB', 'About 100,000 rows in 14 tables', 'Reached from this computer only'], steps: [{ id: 'initdb', title: 'Make the cluster' }, { id: 'fill', title: 'Fill in the shop' }, { id: 'traffic', title: 'Start the traffic' }],
      }),
    'health.catalogue': () => ({ checks: catalogue() }),
    'health.limits': ({ systemId }) => {
      const { policy } = systemOf(systemId);
      return { limits: catalogue().map(({ id: check, warn, critical }) => {
        const [own, otherwise] = [policy.thresholds[check], { warn, critical, from: 'catalogue' as const, item: null }];
        return { check, ...(own === undefined ? otherwise : { ...own, from: 'own' as const, item: null }), otherwise };
      }) };
    },
    'item.list': () => ({ items: [] }),
    'pack.standing': () => ({ adoption: null }),
    'pack.list': () => ({ packs: [], refused: [], forNew: null, folder: '/home/person/.local/share/pilothouse/packs' }),
    'calendar.list': () => ({ at: ago(0), occurrences: [], open: [], clockChanges: [], problems: [] }),
    'health.plan': ({ systemId }) => planFor('health.check', 'Run checks', 'Look at this system?', { systemId, environment: systemOf(systemId).environment, steps: [{ id: 'look', title: 'Look' }] }),
    'health.latest': ({ systemId }) => ({ run: healthRuns(systemId)[0] ?? null, results: state.health ?? healthResults(systemId) }),
    'health.runs': ({ systemId }) => ({ runs: healthRuns(systemId) }),
    'health.run': ({ runId }) => {
      const run = ['sys-neff', 'sys-practice'].flatMap(healthRuns).find(({ id }) => id === runId);
      if (run === undefined) throw missing('run');
      const older = runId.endsWith('-1');
      return { run, results: healthResults(run.systemId).map((result, index) => (older && index < 2 ? { ...result, status: 'ok' as const, summary: '0.2 GiB held back' } : result)) };
    },
    'health.setThreshold': () => ({}),
    'backup.listPlans': ({ systemId }) => ({ plans: backupPlans().filter((each) => systemId === undefined || each.systemId === systemId) }),
    'backup.savePlan': () => ({ plan: backupPlans()[0] as never }),
    'backup.removePlan': () => ({}),
    'backup.plan': ({ databaseId, options }) => {
      const system = state.systems.find(({ databases }) => databases.some(({ id }) => id === databaseId)) ?? null;
      const name = system?.databases.find(({ id }) => id === databaseId)?.label ?? '';
      return planFor('backup.run', `Back up ${name}`, `Back up ${name} now?`, { systemId: system?.id ?? null, environment: system?.environment ?? null, targets: [{ label: `${name} on db-1`, databaseId, identity: null }], consequences: [`One new copy of ${name} as ${options?.format === 'custom' ? 'one file' : 'a folder'} in the backup folder`, `${name} is only read`, `It is proved to ${options?.proof ?? 'L3'} at once`] });
    },
    'backup.unfinished': () => ({ dumps: state.unfinished }),
    'backup.planContinue': () => planFor('backup.continue', 'Continue the backup of neff_site', 'Continue the backup of neff_site?', { consequences: ['Afterwards nothing of it is left on db-1'] }),
    'backup.planAbandon': () => planFor('backup.abandon', 'Give up the backup of neff_site', 'Give up the backup of neff_site?', { consequences: ['No backup comes of it'], wayBack: null }),
    'backup.list': ({ systemId, databaseId, cursor, limit }) => {
      const fitting = state.backups.map(here).filter((backup) => (systemId === undefined || backup.systemId === systemId) && (databaseId === undefined || backup.databaseId === databaseId));
      const from = Number(cursor ?? 0);
      return { backups: fitting.slice(from, from + limit), total: fitting.length, nextCursor: fitting.length > from + limit ? String(from + limit) : null, scannedAt: ago(times.minute) };
    },
    'backup.newest': ({ systemId }) => ({
      databases: systemOf(systemId).databases.map(({ id, systemIdentifier, connection }) => {
        const own = state.backups.map(here).filter((backup) => backup.databaseId === id && backup.systemIdentifier === systemIdentifier && backup.database === connection.database);
        return { databaseId: id, newest: own[0] ?? null, newestProven: own.find(({ proof, damaged }) => proof === 'L3' && damaged === null) ?? null };
      }),
    }),
    'backup.get': ({ backupId }) => {
      const backup = backupOf(backupId);
      return {
        backup, contents: state.unreadable.has(backupId) ? null : { tables: compared().map(({ schema, name, backup: rows }) => ({ schema, name, rows, kind: 'table' as const })), sequences: [{ schema: 'public', name: 'bookings_id_seq', lastValue: '12931' }], extensions: [{ name: 'plpgsql', version: '1.0' }], files: [{ path: 'dump/toc.dat', sizeBytes: 88_213, sha256: 'a3f1'.repeat(16) }, { path: 'dump/4211.dat.gz', sizeBytes: 41_982_113, sha256: '09be'.repeat(16) }],
        toolVersion: 'pg_dump 17.11', encoding: 'UTF8', collation: 'en_US.UTF-8', lsn: '44/1A90C7E8', globals: 'without-passwords' as const, countedIn: 'database' as const },
        proofs: backup.proof === null ? [] : [{ level: backup.proof, ok: true, at: ago(6 * times.hour), durationMs: 68_000, where: 'a scratch server on this computer', checks: [{ name: 'rows', ok: true, detail: '23 of 23 tables equal' }, { name: 'sequences', ok: true, detail: '9 of 9 not behind' }], operationId: 'op-backup' }],
      };
    },
    'backup.planVerify': ({ backupId, level }) => planFor('backup.verify', `Prove ${backupOf(backupId).database}`, `Prove this copy of ${backupOf(backupId).database} to ${level}?`, { consequences: ['It is restored into a scratch database on this computer, counted, and dropped again'] }),
    'backup.planDelete': ({ backupId }) => planFor('backup.delete', `Delete the copy of ${backupOf(backupId).database}`, `Delete this copy of ${backupOf(backupId).database}?`, { changes: true, irreversible: true, confirmName: backupOf(backupId).database, consequences: ['Its folder is removed from this computer', 'Older and newer copies stay'], wayBack: null }),
    'backup.pin': ({ backupId, pinned }) => ({ backup: { ...backupOf(backupId), pinned } }),
    'backup.scan': () => {
      // What could not be read was put right before the folder was read again.
      state.backups = state.backups.map((backup) => (state.unreadable.has(backup.id) ? { ...backup, damaged: null } : backup));
      state.unreadable.clear();
      return { found: 31, added: 0, missing: 0, unreadable: [] };
    },
    'restore.plan': ({ backupId, into }) => {
      const { database } = backupOf(backupId);
      const name = into ?? `${database}__new`;
      const taken = name === database;
      return { ...planFor('restore.beside', `Restore into ${name}`, `Restore ${database} beside the original, into ${name}?`, { changes: true, wayBack: 'Drop the new database; nothing else is touched.', consequences: [`A new database ${name} with about 384 MiB`, `${database} is only read`, 'Every row is counted and compared afterwards'], findings: [{ state: 'warn', title: 'Role reporter does not exist on the target', detail: 'Its grants are left out', fix: 'CREATE ROLE reporter;' }, { state: 'ok', title: '212 GiB free where 0.5 GiB is needed' }, taken ? { state: 'critical', title: `There is a database ${name} already`, fix: `Choose another name: ${name}__new is free.` } : { state: 'ok', title: `${name} does not exist yet` }], runnable: !taken }), into: name };
    },
    'restore.list': ({ systemId, operationId, limit }) => ({ restores: state.restores.filter((each) => (systemId === undefined || each.systemId === systemId) && (operationId === undefined || each.operationId === operationId)).slice(0, limit) }),
    'restore.get': ({ restoreId }) => {
      const restore = state.restores.find(({ id }) => id === restoreId);
      if (restore === undefined) throw missing('restore');
      return { restore, leftBehind: restore.state === 'failed' ? state.leftBehind : null, countedAt: ago(5 * times.minute), compared: compared(), sequences: { equal: 9, total: 9 }, constraints: { valid: 31, total: 31 }, largeObjects: { backup: 0, restored: 0 } };
    },
    'restore.planSwap': () => show(swapPlan()),
    'restore.planUndo': () => planFor('restore.undo', 'Undo the swap of neff_site', 'Put the previous neff_site back?', { changes: true, confirmName: 'neff_site', wayBack: 'Swap again.' }),
    'restore.planDrop': () => planFor('restore.drop', 'Drop neff_site__new', 'Drop the restored copy?', { changes: true, irreversible: true, confirmName: 'neff_site__new', wayBack: null, consequences: ['neff_site__new and its 1,904,118 rows are removed', 'The backup it came from stays'] }),
    'restore.keep': ({ restoreId }) => {
      state.restores = state.restores.map((each) => (each.id === restoreId ? { ...each, state: 'kept' } : each));
      const restore = state.restores.find(({ id }) => id === restoreId);
      if (restore === undefined) throw missing('restore');
      return { restore };
    },
    'operation.run': ({ planId, confirmName }) => {
      const made = state.plans.get(planId);
      if (made === undefined) throw new PilothouseError('operation.plan-expired', 'This plan is not known any more.', { hint: 'Plan again.' });
      if (made.confirmName !== null && made.confirmName !== confirmName) throw new PilothouseError('operation.name-not-confirmed', 'The typed name is not the name of the target.', { hint: `Type ${made.confirmName}.` });
      state.ran.push({ planId, confirmName });
      if (made.kind === 'practice.up') {
        state.systems = systems().filter(({ id }) => id === 'sys-practice');
        state.practiceRuns = true;
      }
      return { operationId: tools.start(made) };
    },
    'operation.cancel': ({ operationId }) => {
      state.operations = state.operations.map((each) => (each.id === operationId ? { ...each, state: 'cancelling' } : each));
      tools.change({ topics: ['operations'], operationId });
      return { state: 'cancelling' };
    },
    'operation.acknowledge': () => ({}),
    'operation.answer': () => ({}),
    'operation.get': ({ operationId }) => {
      const { token: _token, ...rest } = plan('backup.run', 'Back up', 'Back up?');
      return { operation: operationOf(operationId), plan: rest };
    },
    'operation.list': ({ systemId, active, kinds, limit }) => ({
      operations: state.operations.filter((each) => (systemId === undefined || each.systemId === systemId) && (active !== true || !isFinished(each.state)) && (kinds === undefined || kinds.includes(each.kind))).slice(0, limit),
    }),
    'operation.events': ({ operationId, afterSeq, limit }) => {
      const events = tools.eventsOf(operationId);
      return { events: events.filter((event) => event.seq > afterSeq).slice(0, limit), lastSeq: events.at(-1)?.seq ?? 0 };
    },
    'history.search': ({ text, limit }) => {
      const found = hits(text);
      return { hits: found.slice(0, limit), total: found.length, totalIsExact: true, events: 412_806, oldestAt: ago(260 * times.day), tookMs: 8, nextCursor: null };
    },
    // Everything is more than one document takes.
    'history.export': ({ format, text, cursor }) => ({ fileName: `history${cursor === undefined ? '' : `-before-event-${cursor}`}.${format === 'json' ? 'json' : 'md'}`, mediaType: format === 'json' ? 'application/json' : 'text/markdown', content: '# History\n', events: 9, nextCursor: text === '' && cursor === undefined ? '17' : null }),
    'app.about': () => ({
      version: '0.1.0', home: '/home/person/.local/share/pilothouse', logs: '/home/person/.local/share/pilothouse/logs', host: 'loopback', pid: 4211, startedAt: ago(2 * times.hour), node: '24.21.0', electron: null, sqlite: '3.54.1', ssh: { version: '1.17.0', native: true }, schemaVersion: 3, databaseBytes: 41_943_040, backupsBytes: 10_737_418_240, freeBytes: 227_633_266_688, timeZone: 'Europe/Berlin',
      tools: [{ name: 'pg_dump', path: '/usr/lib/postgresql/15/bin/pg_dump', version: '15.18', hint: null }, { name: 'pg_verifybackup', path: null, version: null, hint: 'Install postgresql-15' }], notices: [],
    }),
    'app.places': () => places,
    'app.rememberPlace': ({ place, systemId, screen }) => {
      places = { last: place, systems: systemId === null || !screen ? places.systems : { ...places.systems, [systemId]: place } };
      return {};
    },
    'settings.get': settings,
    'settings.set': ({ settings: { theme } }) => {
      state.theme = theme ?? state.theme;
      return settings();
    },
    ...hostHandlers(state, tools.change),
    ...filesHandlers(planFor, state),
    'host.questions': () => ({ questions: state.questions }),
    'host.answer': ({ questionId, answers }) => {
      state.questions = state.questions.filter(({ id }) => id !== questionId);
      state.answers.push(answers?.map((answer) => answer.reveal()) ?? null);
      return {};
    },
    'vault.status': vault,
    'vault.create': () => {
      state.vault = 'unlocked';
      return vault();
    },
    'vault.unlock': ({ passphrase }) => {
      if (passphrase.reveal() === 'the right one') {
        state.vault = 'unlocked';
        return vault();
      }
      throw new PilothouseError('vault.wrong-passphrase', 'This is not the passphrase of the vault.', { hint: 'Try again; nothing was changed.' });
    },
    'vault.unlockByKeychain': () => {
      if (state.keychain?.opens !== true || state.keychain.problem !== null) throw new PilothouseError('vault.keychain-failed', 'The keychain of this computer (kwallet6) did not answer within 30 s.', { hint: 'Look whether it asks something in a window of its own, then try again. Otherwise: open the vault with its passphrase.' });
      state.vault = 'unlocked';
      return vault();
    },
    'vault.lock': () => {
      state.vault = 'locked';
      return vault();
    },
    'vault.changePassphrase': vault,
    'store.backup': () => ({ path: '/home/person/.local/share/pilothouse/pilothouse-backup.db', sizeBytes: 41_943_040 }),
    'store.export': () => ({ path: '/home/person/.local/share/pilothouse/export.zip', sizeBytes: 12_582_912 }),
    'store.planCompact': () =>
      planFor('store.compact', 'Remove old events', 'Remove the events that are older than 400 days?', {
        targets: [{ label: 'history in /home/person/.local/share/pilothouse/pilothouse.db', databaseId: null, identity: null }], systemId: null, environment: null, findings: [], irreversible: true, wayBack: null, confirmName: 'history',
        consequences: ['12,604 events of 31 operations go: all from before 2025-10-22 08:14 UTC. What those operations came to stays', 'Evidence stays: the events of restores, swaps and deletions', 'The local file is within its budget of 1.9 GiB'], steps: [{ id: 'remove', title: 'Remove the old events' }],
      }),
  };
}
