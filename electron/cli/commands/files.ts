import type { z } from 'zod';
import { filesAccess, type FileBackup, type FilesAccess, type FileSet } from '#shared/contract/files.ts';
import { fileProofWords } from '#shared/domain/file-set.ts';
import { hasCode } from '#shared/domain/errors.ts';
import { proofLevels, type ProofLevel } from '#shared/domain/proof.ts';
import { integerOption, required, textOption, type Register } from '../command.ts';
import type { filesBackupDocument, filesVerifyDocument } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { byFullId, findHost, findSystem, newest, pick } from '../find.ts';
import { collect } from '../host-connection.ts';
import { openVault } from '../open-vault.ts';
import { obtainSecret } from '../prompt.ts';
import { failureOf, runPlan, runPlanToSuccess } from '../run-plan.ts';
import { prepareHosts } from '../secrets.ts';
import type { Session } from '../session.ts';
import { bytes, count, duration, instantInWords, localTime, shortId, table } from '../text.ts';
import { isSound } from './backup.ts';

const longestList = 1000;

function proofText({ damaged, proof }: Pick<FileBackup, 'damaged' | 'proof'>): string {
  if (damaged !== null) return `damaged: ${damaged}`;
  if (proof === null) return 'not verified';
  return proof === 'L3' ? 'proven: brought out and compared' : `unproven: ${fileProofWords[proof].toLowerCase()}`;
}

function levelOf(text: string | undefined): ProofLevel {
  const found = proofLevels.find((level) => level === text?.toUpperCase());
  if (found === undefined) throw new UsageError(`"${text}" is no level of proof.`, `One of: ${proofLevels.map((level) => `${level} (${fileProofWords[level].toLowerCase()})`).join(', ')}.`);
  return found;
}

function accessOf(options: Record<string, unknown>): FilesAccess {
  const user = textOption(options, 'sudo');
  if (user === undefined) return { kind: 'plain' };
  const parsed = filesAccess.safeParse({ kind: 'sudo', user });
  if (!parsed.success) throw new UsageError(`"${user}" is no name of an account.`);
  return parsed.data;
}

const textsOf = (options: Record<string, unknown>, name: string): string[] => (Array.isArray(options[name]) ? (options[name] as string[]) : []);

async function findSet(session: Session, wanted: string): Promise<FileSet> {
  const { systems } = await session.call('system.list', {});
  const { sets } = await session.call('files.list', {});
  return pick('file set', wanted, sets, (set) => ({ id: set.id, names: [`${systems.find(({ id }) => id === set.systemId)?.name ?? ''}/${set.name}`, set.name] }));
}

const nameOf = (backup: FileBackup): string => `${backup.systemName}/${backup.setName} of ${instantInWords(backup.takenAt)}`;

/** A copy by its id, by "system/set of time", by a beginning of either, or by its folder. */
async function findCopy(session: Session, wanted: string): Promise<FileBackup> {
  const { backups } = await session.call('files.backups', { limit: longestList });
  const known = backups.find((backup) => backup.id === wanted || backup.path === wanted) ?? (await byFullId(wanted, async (backupId) => (await session.call('files.get', { backupId, limit: 1 })).backup));
  return known ?? pick(newest('copy of files', backups, longestList), wanted, backups, (backup) => ({ id: backup.id, names: [nameOf(backup)] }));
}

/** Makes sure that the host can be signed in to, and that sudo there has what it wants: an operation has nobody to ask. */
async function prepare(session: Session, { hostId, access }: Pick<FileSet, 'hostId' | 'access'>, options: Record<string, unknown>): Promise<void> {
  await prepareHosts(session, [hostId]);
  if (access.kind === 'plain') return;
  const { hosts } = await session.call('host.list', {});
  const { connection } = hosts.find(({ id }) => id === hostId) ?? {};
  const source = connection?.signIn.sudo?.source ?? 'none';
  if (source === 'vault') await openVault(session);
  if (source !== 'ask') return;
  const input = { hostId, asUser: access.user };
  await session.call('host.testSudo', input).catch(async (error: unknown) => {
    if (!hasCode(error, 'ssh.sudo-password-needed')) throw error;
    const sudoPassword = await obtainSecret(session.io, textOption(options, 'sudoPasswordFile'), `Password of ${connection?.user ?? ''} for sudo: `);
    if (sudoPassword === null) throw error;
    await session.call('host.testSudo', { ...input, sudoPassword });
  });
}

const documentOf = ({ id, path, systemName, setName, hostLabel, sizeBytes, contentBytes, files, leftOut, changed, proof, durationMs }: FileBackup): z.infer<typeof filesBackupDocument> => ({ backup: { id, path, system: systemName, set: setName, host: hostLabel, sizeBytes, contentBytes, files, leftOut, changed, proof, durationMs } });

const sudoFile = ['--sudo-password-file <file>', 'a file of yours alone whose first line is the password for sudo there'] as const;

export const registerFiles: Register = (program, act) => {
  const files = program.command('files').description('files and configuration of hosts: sets of them, copies, bringing them back');

  files
    .command('list [system]')
    .description('the file sets, each with its newest proven copy')
    .action(
      act(async (session, [name]) => {
        const system = name === undefined ? null : await findSystem(session, name);
        const { hosts } = await session.call('host.list', {});
        const answer = await session.call('files.list', system === null ? {} : { systemId: system.id });
        const rows = answer.sets.map((set) => [set.name, `${hosts.find(({ id }) => id === set.hostId)?.label ?? ''}${set.access.kind === 'sudo' ? ` as ${set.access.user}` : ''}`, set.paths.join(' '), set.exclude.join(' '), set.newestProven === null ? (set.newest === null ? 'no copy' : `${localTime(set.newest.takenAt)}, ${proofText(set.newest)}`) : localTime(set.newestProven.takenAt), shortId(set.id)]);
        return { document: answer, text: table(['NAME', 'HOST', 'PATHS', 'LEFT OUT', 'NEWEST PROVEN', 'ID'], rows, 'No file sets yet. Add one: files add HOST NAME /etc/nginx --exclude "*.log"') };
      }),
    );

  files
    .command('add <host> <name> <paths...>')
    .description('add files of a host that are backed up together')
    .option('--exclude <pattern>', 'a whole path with all below it, or a name such as *.log; may be given several times', collect)
    .option('--sudo <account>', 'read them as this account, by sudo')
    .option('--other-file-systems', 'look into file systems that are mounted below the paths as well')
    .action(
      act(async (session, [hostName, name, ...rest], options) => {
        const { id: hostId } = await findHost(session, required(hostName));
        const paths = rest.flat().filter((each) => each !== undefined);
        const answer = await session.call('files.add', { hostId, name: required(name), paths, exclude: textsOf(options, 'exclude'), access: accessOf(options), oneFileSystem: options['otherFileSystems'] !== true });
        return { document: answer, text: `${answer.set.name} is added: ${answer.set.paths.join(', ')}. Back it up: files backup "${answer.set.name}"` };
      }),
    );

  files
    .command('remove <set>')
    .description('remove a file set; its copies stay')
    .action(
      act(async (session, [name]) => {
        const set = await findSet(session, required(name));
        await session.call('files.remove', { setId: set.id });
        return { document: { removed: set.id }, text: `${set.name} is removed. Its copies stay.` };
      }),
    );

  files
    .command('backup <set>')
    .description('back up a file set')
    .option('--proof <level>', 'how far to prove it: L0, L1, L2 or L3', 'L3')
    .option(...sudoFile)
    .action(
      act(async (session, [name], options) => {
        const proof = levelOf(textOption(options, 'proof'));
        const set = await findSet(session, required(name));
        await prepare(session, set, options);
        const { plan } = await session.call('files.plan', { setId: set.id, options: { proof } });
        const operation = await runPlan(session, plan);
        const failure = failureOf(operation);
        // One operation makes one copy, under its own id: also where it failed after making it.
        const made = await byFullId(operation.id, async (backupId) => (await session.call('files.get', { backupId, limit: 1 })).backup);
        if (made !== null) session.keep(documentOf(made), `${made.path} stays, ${proofText(made)}.`);
        if (failure !== null || made === null) throw failure ?? new Error('The backup succeeded but is not in the list.');
        const notes = [...(made.leftOut > 0 ? [`${count(made.leftOut)} left out`] : []), ...(made.changed > 0 ? [`${count(made.changed)} changed while they were read`] : [])];
        return { document: documentOf(made), text: `${made.path}\n${nameOf(made)}: ${count(made.files)} files, ${bytes(made.contentBytes)}, ${bytes(made.sizeBytes)} here, ${duration(made.durationMs)}${notes.length === 0 ? '' : `; ${notes.join(', ')}`}; ${proofText(made)}. Id ${made.id}` };
      }),
    );

  files
    .command('backups [set]')
    .description('the copies of file sets, newest first')
    .option('--limit <n>', 'at most so many', '200')
    .action(
      act(async (session, [name], options) => {
        const set = name === undefined ? null : await findSet(session, name);
        const answer = await session.call('files.backups', { limit: integerOption(options, 'limit', { min: 1, max: longestList }), ...(set === null ? {} : { setId: set.id }) });
        const rows = answer.backups.map((one) => [shortId(one.id), localTime(one.takenAt), `${one.systemName}/${one.setName}`, one.hostLabel, count(one.files), bytes(one.sizeBytes), proofText(one)]);
        const older = answer.total - answer.backups.length;
        const text = table(['ID', 'TAKEN', 'SET', 'HOST', 'FILES', 'SIZE', 'PROOF'], rows, 'No copies yet. Make one: files backup SET');
        return { document: answer, text: older === 0 ? text : `${text}\nThese are the newest ${answer.backups.length} of ${count(answer.total)}: --limit shows more, up to ${longestList}.` };
      }),
    );

  files
    .command('show <copy>')
    .description('one copy with its proofs and what is in it')
    .option('--below <path>', 'only what is at or below this path')
    .option('--limit <n>', 'at most so many entries', '200')
    .action(
      act(async (session, [name], options) => {
        const { id } = await findCopy(session, required(name));
        const below = textOption(options, 'below');
        const detail = await session.call('files.get', { backupId: id, limit: integerOption(options, 'limit', { min: 1, max: 5000 }), ...(below === undefined ? {} : { below }) });
        const { backup, contents } = detail;
        const proofs = detail.proofs.map((proof) => `  ${proof.level} ${proof.ok ? 'ok' : 'FAILED'} ${localTime(proof.at)}, ${duration(proof.durationMs)}`);
        const listed = contents === null ? ['Of its manifest nothing can be read.'] : [
          table(['SIZE', 'RIGHTS', 'OWNER', 'PATH'], contents.entries.map((entry) => [count(entry.size), entry.mode.toString(8), entry.owner, `/${entry.path}${entry.target === null ? '' : ` -> ${entry.target}`}`]), 'Nothing.'),
          ...(contents.total > contents.entries.length ? [`These are ${contents.entries.length} of ${count(contents.total)}: --limit shows more, --below PATH a part.`] : []),
          ...contents.leftOut.map(({ path, why }) => `Left out: /${path}: ${why}`),
          ...contents.changed.map((path) => `Changed while it was read: /${path}`),
        ];
        return { document: detail, text: [`${nameOf(backup)} on ${backup.hostLabel}: ${proofText(backup)}`, backup.path, ...proofs, ...listed].join('\n') };
      }),
    );

  files
    .command('verify <copy>')
    .description('verify a copy (id or folder) up to a level; exit status 1 when anything is not as it was')
    .option('--level <level>', 'L0, L1, L2 or L3', 'L3')
    .action(
      act(async (session, [name], options) => {
        const level = levelOf(textOption(options, 'level'));
        const found = await findCopy(session, required(name));
        const { plan } = await session.call('files.planVerify', { backupId: found.id, level });
        const operation = await runPlan(session, plan);
        const failure = failureOf(operation);
        const detail = await session.call('files.get', { backupId: found.id, limit: 1 });
        const checks = detail.proofs.filter((proof) => proof.operationId === operation.id).flatMap((proof) => proof.checks);
        // A failure that no check tells of (it was cancelled, the disk is full) is no judgement of the copy.
        if (failure !== null && !checks.some((check) => !check.ok)) throw failure;
        const document: z.infer<typeof filesVerifyDocument> = { backup: found.id, proof: detail.backup.proof, checks };
        const none = checks.length === 0 ? ['No check of this run is recorded: it says nothing about the copy. Verify it again.'] : [];
        return { document, text: [...none, ...checks.map((check) => `${check.ok ? 'ok    ' : 'FAILED'} ${check.name}: ${check.detail}`), proofText(detail.backup)].join('\n'), status: failure === null && isSound(checks) ? 0 : 1 };
      }),
    );

  files
    .command('restore <copy> [paths...]')
    .description('bring back all of a copy, or these paths: into a new folder, never over what is there')
    .option('--to <where>', 'here (a new folder on this computer) or host (beside each path there)', 'here')
    .option(...sudoFile)
    .action(
      act(async (session, [name, ...rest], options) => {
        const to = textOption(options, 'to');
        if (to !== 'here' && to !== 'host') throw new UsageError(`"${to}" is no place to bring files back to.`, 'One of: here, host.');
        const found = await findCopy(session, required(name));
        const paths = rest.flat().filter((each) => each !== undefined);
        if (to === 'host') {
          const { sets } = await session.call('files.list', {});
          const set = sets.find(({ id }) => id === found.setId);
          if (set !== undefined) await prepare(session, set, options);
        }
        const { plan, into } = await session.call('files.planRestore', { backupId: found.id, to, ...(paths.length === 0 ? {} : { paths }) });
        const operation = await runPlanToSuccess(session, plan);
        return { document: { restored: { backup: found.id, into, operation: operation.id } }, text: into.join('\n') };
      }),
    );

  files
    .command('delete <copy>')
    .description('delete a copy (needs --confirm NAME of its set); the last proven one is refused')
    .action(
      act(async (session, [name]) => {
        const found = await findCopy(session, required(name));
        const { plan } = await session.call('files.planDelete', { backupId: found.id });
        const operation = await runPlanToSuccess(session, plan);
        return { document: { deleted: found.id, operation: operation.id }, text: `Deleted ${found.path}.` };
      }),
    );
};
