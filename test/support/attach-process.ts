/** A process that uses the engine of a data folder until its standard input ends. Says on one line how it got in. */
import { connectOrStart } from '#engine/attach/connect-or-start.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';

const [root = ''] = process.argv.slice(2);
const connection = await connectOrStart({ root, caller: 'test', ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
process.stdout.write(`${JSON.stringify({ attached: connection.attached })}\n`);
process.stdin.on('data', () => {});
await new Promise((resolve) => process.stdin.on('end', resolve));
await connection.close();
