import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nothing listens on. Somebody else may take it before it is used: whoever starts a
 * server on it tries again with another.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('The operating system named no port.'));
      });
    });
  });
}
