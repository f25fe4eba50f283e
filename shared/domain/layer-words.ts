/** What the layers of a connection are called wherever people read of them: the way to a machine, and that to a database. */
export const machineLayerWords = { name: 'Name', network: 'Network', 'host-key': 'Host key', 'sign-in': 'Sign-in', command: 'Command' } as const;
export const databaseLayerWords = { name: 'Name', network: 'Network', tls: 'TLS', authentication: 'Sign-in', database: 'Database', privilege: 'Privileges' } as const;

/** The network of a database that a machine on the way connects to. */
export const tunnelWord = 'Tunnel';

export const layerStateWords = { ok: 'Ok', warn: 'To look at', failed: 'Failed', 'not-reached': 'Not tried' } as const;
