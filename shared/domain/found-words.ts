/** What was found on a host, in the words of the console and of the command line. */

/** How programs there are reached. */
type Access = { kind: 'plain' } | { kind: 'sudo'; user: string } | { kind: 'docker'; container: string } | { kind: 'kubectl'; namespace: string | null; pod: string; container: string | null };

/** "the socket in /var/run/postgresql, port 5432", "127.0.0.1:5432". */
export const wayWords = ({ kind, host, port }: { kind: 'socket' | 'tcp'; host: string; port: number }): string => (kind === 'socket' ? `the socket in ${host}, port ${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`);

/** @param account the one that signs in */
export function accessWords(access: Access, account: string): string {
  switch (access.kind) {
    case 'plain': return `as ${account}`;
    case 'sudo': return `as ${access.user}, by sudo without a password`;
    case 'docker': return `in the container ${access.container}`;
    case 'kubectl': return `in the pod ${access.namespace === null ? '' : `${access.namespace}/`}${access.pod}${access.container === null ? '' : `, container ${access.container}`}`;
  }
}
