/** The room of incidents on a real local file, with a clock that the test moves, and without what it asks of others. */
import type { EngineClient, MethodArgument, MethodName, MethodOutput } from '#shared/contract/index.ts';
import { methods } from '#shared/contract/index.ts';
import type { IncidentActInput } from '#shared/contract/incidents.ts';
import type { ItemKind, ItemOf } from '#shared/contract/items.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import { createIncidentRoom } from '#engine/incidents/incident-room.ts';
import { createSystemItemRepository } from '#engine/store/system-item-repository.ts';
import { createCore, type Core } from '#test/core.ts';

/** What another room answers to the one of incidents. */
export type Answers = Partial<Record<MethodName, unknown>>;

export function createIncidentStage(root: string, answers: Answers = {}) {
  const core: Core = createCore(root);
  const asked: Answers = { 'runbook.list': { runbooks: [] }, 'walkthrough.timeline': { entries: [] }, ...answers };
  const ask = (): EngineClient => ({ call: (method: MethodName) => Promise.resolve(asked[method]), follow: () => { throw new Error('Nothing is followed.'); } }) as unknown as EngineClient;
  const room = createIncidentRoom(core as unknown as EngineContext, { ask, appVersion: '0.0.0' });
  let commands = 0;
  /** Input and output pass their schemas, as at the door. */
  const call = async <Name extends MethodName>(method: Name, input: MethodArgument<Name>): Promise<MethodOutput<Name>> => {
    const handler = (room.handlers as Record<string, (input: unknown, call: unknown) => unknown>)[method];
    if (handler === undefined) throw new Error(`Nobody answers ${method}.`);
    return methods[method].output.parse(await handler(methods[method].input.parse(input), { caller: 'test', signal: new AbortController().signal, correlationId: '' })) as MethodOutput<Name>;
  };
  const newCommand = (): string => `command-${(commands += 1)}-${core.clock.now()}`;
  const open = async (changes: Partial<MethodArgument<'incident.open'>> = {}) => (await call('incident.open', { commandId: newCommand(), title: 'Site down', systemId: null, severity: 'p1', ...changes })).incidentId;
  const get = (incidentId: string) => call('incident.get', { incidentId });
  const act = async (incidentId: string, act_: IncidentActInput, expectedSeq?: number) => call('incident.act', { incidentId, expectedSeq: expectedSeq ?? (await get(incidentId)).incident.seq, commandId: newCommand(), act: act_ });
  const addSystem = (name = 'Shop'): string => core.systems.insert({ id: core.ports.random.id(), name, environment: 'production', policy: systemPolicy.parse({}), at: core.clock.now() }).id;
  const addItem = <Kind extends ItemKind>(systemId: string, kind: Kind, key: string, value: ItemOf<Kind>): void => createSystemItemRepository(core.store).saveOwn(systemId, kind, key, value, core.clock.now());
  return {
    core, room, call, open, get, act, addSystem, addItem, newCommand,
    end(): void {
      room.close();
      core.store.close();
    },
  };
}
