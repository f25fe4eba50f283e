/** What the window around the console shows of the engine: asked by the contract, as everybody else asks. */
import { setTimeout as pause } from 'node:timers/promises';
import type { EngineClient } from '#shared/contract/index.ts';
import type { FromEngine } from '#shared/contract/desktop.ts';
import type { Need } from '#shared/contract/systems.ts';
import type { Logger } from '#engine/ports.ts';
import { titledWithSystem } from '#shared/domain/titled.ts';

/** Milliseconds between two looks: changes come in bursts. */
const restMs = 500;
const restAfterFailureMs = 5000;
/** What only grows old (a backup, an overdue task) changes without anybody saying so. */
const lookAgainMs = 300_000;

/** Without its words, in which an age may grow. */
const keyOf = ({ state, systemId, action }: Need): string => [state, systemId, action.kind, action.id].join(' ');

/** Whether something is under way that may be what a need comes from: its own end is told. */
function comesFromWork({ systemId }: Need, workedOn: ReadonlySet<string | null>): boolean {
  return workedOn.has(null) || workedOn.has(systemId);
}

/** Where these come from, people are told at the moment that they begin to wait. */
const toldElsewhere: ReadonlySet<Need['action']['kind']> = new Set(['open-operation', 'open-walkthrough', 'open-calendar']);

/** Needs that nobody was told of. The first look is no news, nor is what an operation left behind. */
function newsIn(needs: readonly Need[], known: ReadonlySet<string> | null, workedOn: ReadonlySet<string | null>): Need[] {
  return known === null ? [] : needs.filter((need) => !toldElsewhere.has(need.action.kind) && !comesFromWork(need, workedOn) && !known.has(keyOf(need)));
}

/** Tells the window what runs, what needs a person, and which theme the settings name, until the signal aborts. */
export async function watchForWindow(client: EngineClient, tell: (message: FromEngine) => void, options: { signal: AbortSignal; logger: Logger }): Promise<void> {
  const { signal, logger } = options;
  const told = new Map<string, string>();
  let known: ReadonlySet<string> | null = null;
  /** Systems that were worked on at the last look; null stands for work on none in particular. */
  let before: ReadonlySet<string | null> = new Set();
  let due = true;
  let wake = (): void => {};

  const callFor = (): void => {
    due = true;
    wake();
  };
  const untilDue = (): Promise<void> => (due || signal.aborted ? Promise.resolve() : new Promise((resolve) => (wake = resolve)));
  const rest = (milliseconds: number): Promise<void> => pause(milliseconds, undefined, { signal }).catch(() => {}); // Aborted, which is looked at next.
  const tellChange = (message: FromEngine): void => {
    const text = JSON.stringify(message);
    if (told.get(message.type) === text) return;
    told.set(message.type, text);
    tell(message);
  };

  const look = async (): Promise<void> => {
    const [{ operations }, { needs }, { settings }] = await Promise.all([client.call('operation.list', { active: true }, { signal }), client.call('overview.get', {}, { signal }), client.call('settings.get', {}, { signal })]);
    tellChange({ type: 'working', titles: operations.map(titledWithSystem) });
    tellChange({ type: 'attention', count: needs.length, worst: needs[0]?.text ?? null });
    tellChange({ type: 'theme', theme: settings.theme });
    const now = new Set(operations.map((operation) => operation.systemId));
    for (const need of newsIn(needs, known, new Set([...now, ...before]))) tell({ type: 'notify', title: need.systemName ?? 'Pilothouse', body: need.text, place: '/' });
    known = new Set(needs.map(keyOf));
    before = now;
  };
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for await (const _change of client.follow('changes.follow', {}, { signal })) callFor();
      } catch (error) {
        if (!signal.aborted) logger.warn({ error: String(error) }, 'The window cannot follow what changes; it is tried again.');
      }
      await rest(restAfterFailureMs);
    }
  };

  const again = setInterval(callFor, lookAgainMs).unref();
  signal.addEventListener('abort', callFor, { once: true });
  void follow();
  while (!signal.aborted) {
    await untilDue();
    due = false;
    try {
      if (!signal.aborted) await look();
    } catch (error) {
      if (signal.aborted) break;
      logger.warn({ error: String(error) }, 'The window could not be told how things stand; it is tried again.');
      due = true;
      await rest(restAfterFailureMs);
    }
    await rest(restMs);
  }
  clearInterval(again);
}
