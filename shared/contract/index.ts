/** The contract: the only registry of what can be asked of the engine, by any of its hosts. */
import type { z } from 'zod';
import { appMethods } from './app.ts';
import { backupMethods } from './backups.ts';
import { calendarMethods } from './calendar.ts';
import { detectionMethods } from './detection.ts';
import { endpointMethods } from './endpoints.ts';
import { filesMethods } from './files.ts';
import { guideMethods } from './guides.ts';
import { healthMethods } from './health.ts';
import { historyMethods } from './history.ts';
import { hostMethods } from './hosts.ts';
import { importMethods } from './imports.ts';
import { incidentMethods } from './incidents.ts';
import { jobMethods } from './jobs.ts';
import { operationMethods, operationStreams } from './operations.ts';
import { itemMethods, packMethods } from './packs.ts';
import { practiceMethods } from './practice.ts';
import { restoreMethods } from './restores.ts';
import { ruleMethods } from './rules.ts';
import { runbookMethods } from './runbooks.ts';
import { systemMethods } from './systems.ts';
import { walkthroughMethods } from './walkthroughs.ts';

export const methods = {
  ...systemMethods,
  ...hostMethods,
  ...importMethods,
  ...jobMethods,
  ...detectionMethods,
  ...packMethods,
  ...itemMethods,
  ...practiceMethods,
  ...healthMethods,
  ...endpointMethods,
  ...backupMethods,
  ...restoreMethods,
  ...filesMethods,
  ...ruleMethods,
  ...runbookMethods,
  ...walkthroughMethods,
  ...guideMethods,
  ...calendarMethods,
  ...incidentMethods,
  ...operationMethods,
  ...historyMethods,
  ...appMethods,
};
export const streams = { ...operationStreams };

export type MethodName = keyof typeof methods;
/** What a caller passes: defaults may be left out, secrets are plain strings. */
export type MethodArgument<Name extends MethodName> = z.input<(typeof methods)[Name]['input']>;
/** What a handler receives: parsed, with defaults, secrets wrapped. */
export type MethodInput<Name extends MethodName> = z.output<(typeof methods)[Name]['input']>;
export type MethodOutput<Name extends MethodName> = z.output<(typeof methods)[Name]['output']>;

export type StreamName = keyof typeof streams;
export type StreamArgument<Name extends StreamName> = z.input<(typeof streams)[Name]['input']>;
export type StreamInput<Name extends StreamName> = z.output<(typeof streams)[Name]['input']>;
export type StreamItem<Name extends StreamName> = z.output<(typeof streams)[Name]['item']>;

/** The engine as its callers see it, whatever lies between. */
export interface EngineClient {
  call<Name extends MethodName>(method: Name, input: MethodArgument<Name>, options?: { signal?: AbortSignal }): Promise<MethodOutput<Name>>;
  /** Items arrive until the iteration is left, the signal aborts, or the stream ends by itself. */
  follow<Name extends StreamName>(stream: Name, input: StreamArgument<Name>, options?: { signal?: AbortSignal }): AsyncIterable<StreamItem<Name>>;
}
