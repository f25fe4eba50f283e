/** A server on 127.0.0.1 that lets everybody in, and answers nothing of what it is asked for then. */
import { generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { Secret } from '#shared/domain/secret.ts';
import type { SshHop } from '#engine/ssh/types.ts';
import { accountOf } from './ssh-server.ts';

export async function startMuteServer(): Promise<{ hop: SshHop; close(): void }> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => context.accept());
    // Whoever listens without answering keeps the other side waiting.
    client.on('tcpip', () => {});
    client.on('session', (accept) => accept().on('sftp', (begin) => begin().on('STAT', () => {})));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const [key] = [parsed].flat();
  return {
    hop: { host: '127.0.0.1', port: (server.address() as { port: number }).port, knownKeys: [{ type: 'ssh-rsa', key: key?.getPublicSSH().toString('base64') ?? '', revoked: false }], account: accountOf({ password: new Secret('any') }) },
    close: () => void server.close(),
  };
}
