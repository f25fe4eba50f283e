/** The SSH host of a practice system by itself, without a practice system: its folder, its server, and a way to it. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { silentLogger } from '#engine/ports.ts';
import { makeFolder } from '#engine/practice/folder.ts';
import { makeHostFolder, readHostKeys } from '#engine/practice/host/keys.ts';
import { startHostServer, type HostServer } from '#engine/practice/host/server.ts';
import { placeOf, type PracticePlace } from '#engine/practice/place.ts';
import { readHostKey } from '#engine/ssh/host-key.ts';
import { keyOf } from '#engine/ssh/sign-in.ts';
import type { SshHop } from '#engine/ssh/types.ts';
import { readFileSync } from 'node:fs';
import { accountOf } from './ssh-server.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface LonePracticeHost {
  place: PracticePlace;
  server: HostServer;
  hop: SshHop;
  /** What stands for the practice server: it answers "here" to whoever connects. */
  behind: { port: number };
  close(): Promise<void>;
}

export async function startLonePracticeHost(): Promise<LonePracticeHost> {
  const place = placeOf({ root: await makeTemporaryFolder('practice-host'), key: 'lone' }, { uid: 1000, accounts: () => '' });
  makeFolder(place, 'test');
  makeHostFolder(place);
  const behind: Server = createServer((socket) => void socket.on('error', () => {}).end('here'));
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  const { port } = behind.address() as AddressInfo;
  const keys = readHostKeys(place);
  const server = await startHostServer(0, { keys, user: userInfo().username, home: place.host.home, environment: async () => ({ HOME: place.host.home, PATH: '/usr/bin:/bin' }), forwardPort: async () => port, logger: silentLogger });
  return {
    place,
    server,
    hop: {
      host: '127.0.0.1',
      port: server.port,
      knownKeys: [{ ...readHostKey(keys.hostKey.getPublicSSH()), revoked: false }],
      account: accountOf({ keys: [keyOf('the practice key', readFileSync(place.host.clientKey, 'utf8'))] }),
    },
    behind: { port },
    async close() {
      await server.close();
      await new Promise((resolve) => behind.close(resolve));
    },
  };
}
