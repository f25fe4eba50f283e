/**
 * How values cross between the world of a page and the one of its preload script, as Electron's documentation of
 * contextBridge has it: data is copied, functions and promises are stood for by others, of an error only the message
 * comes over, prototypes stay behind.
 */

export type Crossed =
  | { kind: 'plain'; value: string | number | boolean | null }
  | { kind: 'undefined' }
  | { kind: 'number'; value: string }
  | { kind: 'array'; items: Crossed[] }
  | { kind: 'object'; entries: [string, Crossed][] }
  | { kind: 'function'; id: number }
  | { kind: 'promise'; id: number }
  | { kind: 'error'; message: string };

/** What the preload's world tells the page's, one after the other. */
export type CrossingMessage = { type: 'call'; id: number; args: Crossed[] } | { type: 'settled'; id: number; value: Crossed } | { type: 'rejected'; id: number; message: string };

export interface Crossing {
  out(value: unknown): Crossed;
  in(crossed: Crossed, frozen?: boolean): unknown;
  /** Calls a function of this side that the other one was given. */
  call(id: number, args: Crossed[]): Crossed;
  receive(message: CrossingMessage): void;
}

/**
 * One side. It runs in the page too, from its source: it may use nothing from outside of itself.
 *
 * @param callOther calls a function of the other side. From the page that is answered at once; the page itself is only told.
 * @param tell what became of promises that were given away; null where none may be.
 */
export function createCrossing(callOther: (id: number, args: Crossed[]) => Crossed, tell: ((message: CrossingMessage) => void) | null): Crossing {
  const own = new Map<number, (...args: unknown[]) => unknown>();
  const numbers = new Map<unknown, number>();
  const awaited = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let given = 0;

  const giveFunction = (value: (...args: unknown[]) => unknown): Crossed => {
    const known = numbers.get(value);
    if (known !== undefined) return { kind: 'function', id: known };
    given += 1;
    own.set(given, value);
    numbers.set(value, given);
    return { kind: 'function', id: given };
  };
  const givePromise = (value: Promise<unknown>): Crossed => {
    if (tell === null) throw new Error('The double does not carry promises from a page to its preload script.');
    given += 1;
    const id = given;
    value.then(
      (result) => tell({ type: 'settled', id, value: out(result) }),
      (error: unknown) => tell({ type: 'rejected', id, message: typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error) }),
    );
    return { kind: 'promise', id };
  };
  const out = (value: unknown): Crossed => {
    if (value === undefined) return { kind: 'undefined' };
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return { kind: 'plain', value };
    if (typeof value === 'number') return Number.isFinite(value) ? { kind: 'plain', value } : { kind: 'number', value: String(value) };
    if (typeof value === 'function') return giveFunction(value as (...args: unknown[]) => unknown);
    if (typeof value !== 'object') throw new Error(`A ${typeof value} cannot cross the bridge.`);
    // Each world has constructors of its own: what something is shows in its tag.
    const tag = Object.prototype.toString.call(value);
    if (tag === '[object Promise]') return givePromise(value as Promise<unknown>);
    if (tag === '[object Error]') return { kind: 'error', message: (value as Error).message };
    if (Array.isArray(value)) return { kind: 'array', items: value.map(out) };
    if (tag !== '[object Object]') throw new Error(`The double does not carry ${tag} over the bridge.`);
    return { kind: 'object', entries: Object.entries(value).map(([key, each]): [string, Crossed] => [key, out(each)]) };
  };

  const stand = (id: number): ((...args: unknown[]) => unknown) => {
    return (...args) => {
      const answer = callOther(id, args.map(out));
      return comeIn(answer);
    };
  };
  const comeIn = (crossed: Crossed, frozen = false): unknown => {
    const kept = <T extends object>(value: T): T => (frozen ? Object.freeze(value) : value);
    switch (crossed.kind) {
      case 'undefined': return undefined;
      case 'plain': return crossed.value;
      case 'number': return Number(crossed.value);
      case 'error': return new Error(crossed.message);
      case 'function': return kept(stand(crossed.id));
      case 'array': return kept(crossed.items.map((item) => comeIn(item, frozen)));
      case 'object': return kept(Object.fromEntries(crossed.entries.map(([key, value]) => [key, comeIn(value, frozen)])));
      case 'promise': return new Promise((resolve, reject) => awaited.set(crossed.id, { resolve, reject }));
    }
  };
  const call = (id: number, args: Crossed[]): Crossed => {
    const work = own.get(id);
    if (work === undefined) throw new Error('That function was never given away.');
    return out(work(...args.map((each) => comeIn(each))));
  };

  return {
    out,
    in: comeIn,
    call,
    receive(message) {
      if (message.type === 'call') return void call(message.id, message.args);
      const waiting = awaited.get(message.id);
      awaited.delete(message.id);
      if (message.type === 'settled') waiting?.resolve(comeIn(message.value));
      else waiting?.reject(new Error(message.message));
    },
  };
}
