import { textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { askSecret, canAsk, obtainSecret, readSecretFile } from '../prompt.ts';
import type { Session } from '../session.ts';

async function passphraseOf(session: Session, question: string): Promise<string> {
  const passphrase = await obtainSecret(session.io, session.options.passphraseFile, question);
  if (passphrase === null || passphrase === '') throw new UsageError('There is no passphrase.', 'Run this at a terminal, or name a file of yours alone that holds it: --passphrase-file FILE.');
  return passphrase;
}

/** A new passphrase: typed twice, because it cannot be seen, or read from a file. */
async function newPassphrase(session: Session, file: string | undefined): Promise<string> {
  if (file !== undefined) return readSecretFile(file);
  if (!canAsk(session.io)) throw new UsageError('There is nobody to ask for the new passphrase.', 'Run this at a terminal, or name a file of yours alone that holds it.');
  const first = await askSecret(session.io, 'New passphrase: ');
  const second = await askSecret(session.io, 'Again: ');
  if (first === '' || first !== second) throw new UsageError('The two passphrases differ, or are empty.', 'Try again; nothing was changed.');
  return first;
}

export const registerVault: Register = (program, act) => {
  const vault = program.command('vault').description('where passwords are kept');
  vault
    .command('status')
    .description('whether it exists and is open')
    .action(
      act(async (session) => {
        const status = await session.call('vault.status', {});
        return { document: { vault: status }, text: `The vault is ${status.state}.` };
      }),
    );
  vault
    .command('create')
    .description('make it, with a passphrase (asked for, or --passphrase-file)')
    .action(
      act(async (session) => {
        const passphrase = await newPassphrase(session, session.options.passphraseFile);
        return { document: { vault: await session.call('vault.create', { passphrase }) }, text: 'The vault is made. Nobody can open it without its passphrase: keep that somewhere safe.' };
      }),
    );
  vault
    .command('unlock')
    .description('open it in the console that is running; without one, see whether the passphrase is right')
    .action(
      act(async (session) => {
        const status = await session.call('vault.unlock', { passphrase: await passphraseOf(session, 'Passphrase of the vault: ') });
        const lasting = (await session.attached()) ? 'The vault is open in the console that is running.' : 'The passphrase is right. The vault closes again with this command: others are asked for the passphrase, or take --passphrase-file.';
        return { document: { vault: status }, text: lasting };
      }),
    );
  vault
    .command('lock')
    .description('close it in the console that is running')
    .action(act(async (session) => ({ document: { vault: await session.call('vault.lock', {}) }, text: 'The vault is locked.' })));
  vault
    .command('change')
    .description('change its passphrase')
    .option('--new-passphrase-file <file>', 'the new one')
    .action(
      act(async (session, _positionals, options) => {
        const current = await passphraseOf(session, 'Current passphrase: ');
        const next = await newPassphrase(session, textOption(options, 'newPassphraseFile'));
        return { document: { vault: await session.call('vault.changePassphrase', { current, next }) }, text: 'The passphrase is changed.' };
      }),
    );
};
