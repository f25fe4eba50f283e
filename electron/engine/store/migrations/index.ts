import type { Database } from 'better-sqlite3';
import { initial } from './0001-initial.ts';
import { hosts } from './0002-hosts.ts';
import { hostKeysByWay } from './0003-host-keys-by-way.ts';
import { detachedDumps } from './0004-detached-dumps.ts';
import { fileSets } from './0005-file-sets.ts';
import { walkthroughs } from './0006-walkthroughs.ts';
import { systemsAsData } from './0007-systems-as-data.ts';

/** One step of the local file's format. Its constants are its own: a migration never imports code that may change. */
export interface Migration {
  number: number;
  slug: string;
  up(database: Database): void;
}

/** In order, without gaps. */
export const migrations: readonly Migration[] = [initial, hosts, hostKeysByWay, detachedDumps, fileSets, walkthroughs, systemsAsData];
