/** Where on the way over SSH it ended, in the words of the test of a connection. */
import type { HealthResult } from '#shared/contract/health.ts';
import type { ErrorCode, ErrorShape } from '#shared/domain/errors.ts';
import { layerStateWords, machineLayerWords, tunnelWord } from '#shared/domain/layer-words.ts';
import { evidence } from './findings.ts';

/** What is missing is found before anybody is connected to. */
const beforeSignIn: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ssh.password-needed', 'ssh.passphrase-needed', 'ssh.key-file', 'ssh.agent-missing', 'vault.locked', 'vault.absent', 'vault.record-missing', 'vault.damaged']);

/** The machine that an error is about, as errors name it; null where it is about none. */
export function machineOf({ details }: ErrorShape): string | null {
  const named = details['hop'] ?? details['host'];
  return typeof named === 'string' ? named : null;
}

/** What happened, without which machine it is: for where that stands beside it. */
export const withoutMachine = (message: string, machine: string | null): string => (machine !== null && message.startsWith(`${machine}: `) ? message.slice(machine.length + 2) : message);

/** "Host key". */
export function endedAt({ code, details }: ErrorShape): string {
  const layer = details['layer'];
  if (typeof layer === 'string' && layer in machineLayerWords) return machineLayerWords[layer as keyof typeof machineLayerWords];
  if (beforeSignIn.has(code)) return machineLayerWords['sign-in'];
  if (code === 'ssh.forwarding-refused' || details['target'] !== undefined) return tunnelWord;
  return code === 'ssh.connection-lost' ? machineLayerWords.network : machineLayerWords.command;
}

/** Of a host: the machine, where it ended there, and what to do about it. */
export const endOfWay = (error: ErrorShape): HealthResult['evidence'] =>
  evidence([error], { machine: machineOf, 'failed at': endedAt, code: ({ code }) => code, 'what to do': ({ hint }) => hint ?? null });

/** Of a database that the way did not lead to: in the columns of its own layers. */
export const endBeforeDatabase = (error: ErrorShape): HealthResult['evidence'] =>
  evidence(
    [
      { layer: `${endedAt(error)} of ${machineOf(error) ?? 'the host on the way'}`, state: layerStateWords.failed, detail: withoutMachine(error.message, machineOf(error)) },
      { layer: 'Postgres behind it', state: layerStateWords['not-reached'], detail: '' },
    ],
    { layer: ({ layer }) => layer, state: ({ state }) => state, detail: ({ detail }) => detail, ms: () => null },
  );
