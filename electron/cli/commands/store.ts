import { openHome } from '#engine/home.ts';
import { systemClock } from '#engine/ports.ts';
import { importStore } from '#engine/store/import.ts';
import { required, type Register } from '../command.ts';
import { storeCompactedDocument } from '../documents.ts';
import { runPlanToSuccess } from '../run-plan.ts';
import { bytes, count } from '../text.ts';

export const registerStore: Register = (program, act) => {
  const store = program.command('store').description('the local file that keeps systems, results and history');
  store
    .command('backup')
    .description('a consistent copy into the data folder')
    .action(
      act(async (session) => {
        const file = await session.call('store.backup', {});
        return { document: file, text: `${file.path} (${bytes(file.sizeBytes)})` };
      }),
    );
  store
    .command('export')
    .description('everything but secrets in one file, to move to another computer')
    .action(
      act(async (session) => {
        const file = await session.call('store.export', {});
        return { document: file, text: `${file.path} (${bytes(file.sizeBytes)})` };
      }),
    );
  store
    .command('compact')
    .description('remove events older than the settings keep them (needs --confirm history); evidence and what operations came to stay')
    .action(
      act(async (session) => {
        const { plan } = await session.call('store.planCompact', {});
        const operation = await runPlanToSuccess(session, plan);
        const document = storeCompactedDocument.parse(operation.result);
        return { document, text: `${count(document.removedEvents)} events removed; the local file has ${bytes(document.sizeBytes)}.` };
      }),
    );
  store
    .command('import <file>')
    .description('put an exported file in place of the local one, which is copied first; only while Pilothouse is not running')
    .action(
      act(async (session, [file]) => {
        // Not through an engine: none may run while its file is exchanged.
        const answer = await importStore({ home: openHome(session.root), source: required(file), now: systemClock.now() });
        const before = answer.previous === null ? '' : ` What was there before is in ${answer.previous}.`;
        return { document: answer, text: `${answer.imported} is now the local file.${before}` };
      }),
    );
};
