/** Started by a test: an engine that backs up, deletes or brings back files, and kills itself at a point. */
import { openFilesEngine, type FilesHost } from '#test/files-host.ts';
import { runToEnd } from '#test/run-to-end.ts';

interface Orders {
  root: string;
  at: string;
  what: 'run' | 'delete' | 'here' | 'host';
  setId?: string;
  backupId?: string;
  host: FilesHost;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const { client } = await openFilesEngine(orders.host, orders.root, {
  async checkpoint(name) {
    if (name === orders.at) process.kill(process.pid, 'SIGKILL');
  },
});
const backupId = orders.backupId ?? '';
const { plan } = orders.what === 'run' ? await client.call('files.plan', { setId: orders.setId ?? '' }) : orders.what === 'delete' ? await client.call('files.planDelete', { backupId }) : await client.call('files.planRestore', { backupId, to: orders.what });
const operation = await runToEnd(client, plan);
throw new Error(`It was not killed at ${orders.at}: ${operation.state} ${JSON.stringify(operation.error)}`);
