/// <reference types="electron" />
/** What the double models of Electron behaves like it; the rest is refused by name, so that nothing is written against air. */
import { EventEmitter } from 'node:events';

type EventsOf<Arguments> = { [Name in keyof Arguments]: true };

/**
 * Events that a part of the double emits, held against electron.d.ts: each must be one that its `on` takes, with a
 * listener of these arguments. One that was renamed or changed there no longer compiles here.
 */
export type Events<On, Arguments> = { [Name in keyof Arguments]: On extends (event: Name, listener: (...args: Extract<Arguments[Name], unknown[]>) => void) => unknown ? true : never };

/** What promises, printers and test runners ask every object for. */
const askedOfEverything: ReadonlySet<string> = new Set(['then', 'toJSON', 'asymmetricMatch', 'nodeType', 'tagName', 'hasAttribute', '$$typeof', '@@__IMMUTABLE_ITERABLE__@@', '@@__IMMUTABLE_RECORD__@@', 'domain', '__esModule', 'prototype', 'captureRejectionSymbol']);

function refusal(name: string): Error {
  return new Error(`The double of Electron does not model ${name}: model it in test/support/electron, as electron.d.ts has it, before it is used.`);
}

/** @throws Error of whoever asks for anything that is not modelled */
export function faithful<T extends object>(name: string, modelled: T): T {
  const has = (target: T, key: string | symbol): boolean => typeof key === 'symbol' || key in target || askedOfEverything.has(key);
  return new Proxy(modelled, {
    get(target, key, receiver): unknown {
      if (!has(target, key)) throw refusal(`${name}.${String(key)}`);
      return Reflect.get(target, key, receiver);
    },
    set(target, key, value, receiver) {
      if (!has(target, key)) throw refusal(`${name}.${String(key)}`);
      return Reflect.set(target, key, value, receiver);
    },
  });
}

/** An emitter of Electron's. Whoever listens to an event that is not modelled would wait for ever, and is told so. */
export class Emitter<Arguments extends Record<keyof Arguments, unknown[]>> extends EventEmitter {
  constructor(name: string, events: EventsOf<Arguments> | null) {
    super();
    if (events !== null) {
      super.on('newListener', (event: string) => {
        if (!Object.hasOwn(events, event) && event !== 'newListener') throw refusal(`the event "${event}" of ${name}`);
      });
    }
    return faithful(name, this);
  }

  tell<Name extends keyof Arguments & string>(event: Name, ...args: Arguments[Name]): boolean {
    return this.emit(event, ...(args as unknown[]));
  }
}

export interface PreventableEvent {
  preventDefault(): void;
  readonly defaultPrevented: boolean;
}

/** An event as Electron hands it to listeners, with its own fields. */
export function createEvent<Fields extends object>(fields: Fields): Fields & PreventableEvent {
  let prevented = false;
  return Object.defineProperties(fields, {
    preventDefault: { value: () => (prevented = true) },
    defaultPrevented: { get: () => prevented },
  }) as Fields & PreventableEvent;
}

/** The double as what it stands for: whoever gets it sees the types of electron.d.ts. */
export function asReal<Real>(double: object): Real {
  return double as Real;
}
