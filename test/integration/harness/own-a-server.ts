/** Started by a test: starts a server, says where it is, and waits to be killed. */
import { startPostgres } from '#test/postgres-server.ts';

const server = await startPostgres({ major: 18 });
process.stdout.write(`${JSON.stringify({ pid: server.pid, dataFolder: server.dataFolder })}\n`);
setInterval(() => {}, 1000);
