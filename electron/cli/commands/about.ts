import { version } from '#engine/settings/app-room.ts';
import type { Register } from '../command.ts';
import { bytes } from '../text.ts';

export const registerAbout: Register = (program, act) => {
  program
    .command('version')
    .description('the version')
    .action(act(() => Promise.resolve({ document: { version }, text: version })));
  program
    .command('about')
    .description('versions, places, and what is found on this computer')
    .action(
      act(async (session) => {
        const about = await session.call('app.about', {});
        const tools = about.tools.map((tool) => `  ${tool.name}: ${tool.version === null ? 'not found' : `${tool.version}, ${tool.path ?? ''}`}`);
        return {
          document: about,
          text: [`Pilothouse ${about.version}, Node ${about.node}, ${about.electron === null ? '' : `Electron ${about.electron}, `}SQLite ${about.sqlite}, ssh2 ${about.ssh.version} ${about.ssh.native ? 'with' : 'without'} native cryptography`, `Data folder ${about.home}: ${bytes(about.databaseBytes)}, backups ${bytes(about.backupsBytes)}, ${bytes(about.freeBytes)} free`, `Logs ${about.logs}`, ...tools, ...about.notices].join('\n'),
        };
      }),
    );
};
