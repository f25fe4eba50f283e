/** A host with the tools that the packs use, none of them real, and a web server of the application that they look after. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { EngineClient } from '#shared/contract/index.ts';
import { silentLogger } from '#engine/ports.ts';
import { makeFolder } from '#engine/practice/folder.ts';
import { makeHostFolder, readHostKeys } from '#engine/practice/host/keys.ts';
import { startHostServer } from '#engine/practice/host/server.ts';
import { placeOf } from '#engine/practice/place.ts';
import { fingerprintOf, readHostKey } from '#engine/ssh/host-key.ts';
import { freshState, pretendTools, type PretendState } from './pretend-tools.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface PretendHost {
  home: string;
  /** What its commands find in their environment. */
  environment: Record<string, string>;
  /** Where its web server answers, from here as from the host. */
  url: string;
  /** What its tools know now; `set` changes it. */
  state(): PretendState;
  set(changes: Partial<PretendState>): void;
  /** Adds it to a system. @returns its id */
  addTo(client: EngineClient, systemId: string): Promise<string>;
  close(): Promise<void>;
}

/** @param answer what its web server says to a path, by what the tools know: a status and a body */
export async function startPretendHost(answer: (path: string, state: PretendState) => { status: number; body: string }): Promise<PretendHost> {
  const place = placeOf({ root: await makeTemporaryFolder('pretend-host'), key: 'pretend' }, { uid: 1000, accounts: () => '' });
  makeFolder(place, 'test');
  makeHostFolder(place);
  const { home } = place.host;
  const tools = join(place.folder, 'tools');
  const stateFile = join(place.folder, 'state.json');
  mkdirSync(tools);
  for (const name of Object.keys(pretendTools)) {
    writeFileSync(join(tools, name), `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'pretend-tools.ts')}" ${name} "$@"\n`);
    chmodSync(join(tools, name), 0o755);
  }
  const state = (): PretendState => JSON.parse(readFileSync(stateFile, 'utf8')) as PretendState;
  const set = (changes: Partial<PretendState>): void => writeFileSync(stateFile, JSON.stringify({ ...state(), ...changes }));
  writeFileSync(stateFile, JSON.stringify(freshState));

  const web: Server = createServer((request, response) => {
    const { status, body } = answer(request.url ?? '', state());
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port: webPort } = web.address() as AddressInfo;
  const keys = readHostKeys(place);
  const environment = { HOME: home, PATH: `${tools}:/usr/bin:/bin`, PRETEND_STATE: stateFile };
  const server = await startHostServer(0, { keys, user: userInfo().username, home, environment: async () => environment, forwardPort: async () => webPort, logger: silentLogger });
  const key = readHostKey(keys.hostKey.getPublicSSH());
  return {
    home,
    environment,
    url: `http://127.0.0.1:${webPort}`,
    state,
    set,
    async addTo(client, systemId) {
      const { host } = await client.call('host.add', { systemId, label: 'app-1', connection: { host: '127.0.0.1', port: server.port, user: userInfo().username, signIn: { keys: [{ path: place.host.clientKey, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } }, viaId: null } });
      await client.call('host.trustKey', { machine: { hostId: host.id }, keyType: key.type, key: key.key, fingerprint: fingerprintOf(key) });
      return host.id;
    },
    async close() {
      await server.close();
      web.closeAllConnections();
      await new Promise((resolve) => web.close(resolve));
    },
  };
}
