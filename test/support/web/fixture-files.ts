/** File sets of the fixture and their copies. */
import type { FileBackup, FileSet } from '#shared/contract/files.ts';
import type { MethodName } from '#shared/contract/index.ts';
import type { Plan, ProcedureKind } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ProofLevel } from '#shared/domain/proof.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import type { FixtureState } from './fixture-engine.ts';
import { ago, times } from './fixture-systems.ts';

type FilesMethod = Exclude<Extract<MethodName, `files.${string}`>, 'files.get' | 'files.scan'>;
type PlanFor = (kind: ProcedureKind, title: string, question: string, more?: Partial<Plan>) => { plan: Plan };

const copy = (id: string, set: Pick<FileSet, 'id' | 'name' | 'paths' | 'exclude'>, back: number, proof: ProofLevel | null, more: Partial<FileBackup> = {}): FileBackup => ({
  id, path: `/home/person/.local/share/pilothouse/backups/Neff Paving/+files/${set.name}/${id}`, setId: set.id, setName: set.name, systemId: 'sys-neff', systemName: 'Neff Paving', environment: 'production', hostLabel: 'web-1', paths: set.paths, exclude: set.exclude,
  takenAt: ago(back), durationMs: 4200, sizeBytes: 1_884_211, files: 412, folders: 61, links: 38, contentBytes: 6_211_840, leftOut: 0, changed: 0, proof, provenAt: proof === 'L3' ? ago(back - times.minute) : null, damaged: null, ...more,
});

const nginx: FileSet = { id: 'set-nginx', systemId: 'sys-neff', hostId: 'host-web', name: 'Web server', paths: ['/etc/nginx', '/etc/letsencrypt'], exclude: ['*.log'], access: { kind: 'sudo', user: 'root' }, oneFileSystem: true, createdAt: ago(40 * times.day), lastRunAt: ago(9 * times.hour) };
const site: FileSet = { id: 'set-site', systemId: 'sys-neff', hostId: 'host-web', name: 'Uploads', paths: ['/srv/site/uploads'], exclude: [], access: { kind: 'plain' }, oneFileSystem: true, createdAt: ago(times.day), lastRunAt: null };
const old = { id: 'set-old', name: 'Old cron jobs', paths: ['/etc/cron.d'], exclude: [] };

/** Copies of a set that there is, and of one that is gone, newest first. */
export const fileCopies = (): FileBackup[] => [copy('f-new', nginx, 9 * times.hour, 'L3', { leftOut: 2, changed: 1 }), copy('f-damaged', nginx, 33 * times.hour, null, { damaged: 'files.tar.gz has 1,884,190 bytes, and had 1,884,211' }), copy('f-first', nginx, 57 * times.hour, 'L2'), copy('f-old', old, 60 * times.day, 'L3')];

export function filesHandlers(planFor: PlanFor, state: Pick<FixtureState, 'systems' | 'fileCopies'>): Partial<Handlers<FilesMethod>> {
  // At the first start nothing is known yet.
  let sets = state.systems.length === 0 ? [] : [nginx, site];
  const setOf = (setId: string): FileSet => {
    const found = sets.find(({ id }) => id === setId);
    if (found === undefined) throw new PilothouseError('store.not-found', 'There is no such file set.', { hint: 'It may have been removed.' });
    return found;
  };
  const copyOf = (backupId: string): FileBackup => {
    const found = state.fileCopies.find(({ id }) => id === backupId);
    if (found === undefined) throw new PilothouseError('backup.not-found', 'There is no such copy.', { hint: 'It may have been deleted.' });
    return found;
  };
  const newestOf = (setId: string, proven: boolean): FileBackup | null => state.fileCopies.find((each) => each.setId === setId && (!proven || (each.proof === 'L3' && each.damaged === null))) ?? null;
  return {
    'files.list': ({ systemId }) => ({ sets: sets.filter((set) => systemId === undefined || set.systemId === systemId).map((set) => ({ ...set, newest: newestOf(set.id, false), newestProven: newestOf(set.id, true) })) }),
    'files.backups': ({ setId, systemId }) => {
      const found = state.fileCopies.filter((each) => (setId === undefined || each.setId === setId) && (systemId === undefined || each.systemId === systemId));
      return { backups: found, total: found.length };
    },
    'files.add': (input) => {
      const set: FileSet = { id: `set-${sets.length + 1}`, systemId: 'sys-neff', createdAt: ago(0), lastRunAt: null, ...input };
      sets = [...sets, set];
      return { set };
    },
    'files.update': ({ setId, name, paths, exclude, access, oneFileSystem }) => {
      const before = setOf(setId);
      const set = { ...before, name: name ?? before.name, paths: paths ?? before.paths, exclude: exclude ?? before.exclude, access: access ?? before.access, oneFileSystem: oneFileSystem ?? before.oneFileSystem };
      sets = sets.map((each) => (each.id === setId ? set : each));
      return { set };
    },
    'files.remove': ({ setId }) => {
      sets = sets.filter(({ id }) => id !== setId);
      return {};
    },
    'files.plan': ({ setId }) =>
      planFor('files.run', `Back up ${setOf(setId).name} of web-1`, `Back up ${setOf(setId).name} of web-1?`, {
        targets: [{ label: `${setOf(setId).name} on web-1 as root`, databaseId: null, identity: null }],
        steps: [{ id: 'look', title: 'Look at the host, the files and the space' }, { id: 'read', title: 'Read the files there, hash each of them here', detail: "web-1: sudo -u root tar -c -f - -z --format=gnu --one-file-system -C / '--exclude=*.log' -- etc/nginx etc/letsencrypt" }, { id: 'seal', title: 'Hash the archive, write the manifest, put it in place' }],
        consequences: ['One more copy of Web server: 412 files, 5.9 MiB there, about 1.8 MiB here', 'Nothing on web-1 changes, and nothing is left there'],
        findings: [{ state: 'ok', title: 'root can read 412 files, 5.9 MiB' }, { state: 'warn', title: '2 files and folders cannot be read and will be left out', detail: '/etc/nginx/private; /etc/nginx/key.pem', fix: 'Read them as an account that may (sudo), or leave them out of the set.' }, { state: 'ok', title: 'tar (GNU tar) 1.34' }],
      }),
    'files.planVerify': ({ backupId, level }) => planFor('files.verify', `Verify the copy of ${copyOf(backupId).setName}`, `Verify the copy of ${copyOf(backupId).setName} up to ${level}?`, { consequences: ['1.8 MiB are read again'] }),
    'files.planDelete': ({ backupId }) => planFor('files.delete', `Delete a copy of ${copyOf(backupId).setName}`, `Delete the copy of ${copyOf(backupId).setName}?`, { irreversible: true, confirmName: copyOf(backupId).setName, wayBack: null }),
    'files.planRestore': ({ backupId, to }) => ({ ...planFor('files.restore', `Bring back files of ${copyOf(backupId).setName}`, to === 'here' ? 'Bring back 412 files to this computer?' : 'Bring back 412 files beside what is on web-1?', { changes: to === 'host', targets: [{ label: to === 'here' ? '/home/person/.local/share/pilothouse/exports/Web%20server-20261126T120000Z' : 'web-1, ssh-ed25519 SHA256:b3Fn', databaseId: null, identity: null }], findings: [{ state: 'ok', title: 'There is space for it' }], consequences: [to === 'here' ? 'A new folder with 412 files, 5.9 MiB' : 'On web-1: /etc/nginx.pilothouse-20261126T120000Z, with 412 files'] }), into: ['/etc/nginx.pilothouse-20261126T120000Z'] }),
  };
}
