/** The one door of the engine: parses what is asked, calls the room that answers, parses the answer. */
import type { z } from 'zod';
import { methods, streams, type EngineClient, type MethodName, type StreamName } from '#shared/contract/index.ts';
import { PilothouseError, toErrorShape, type ErrorShape } from '#shared/domain/errors.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Ports } from '../ports.ts';
import { explainStoreError } from '../store/database.ts';
import type { CallContext, Handlers, StreamHandlers } from './handlers.ts';

export interface Dispatcher {
  /** @throws an `ErrorShape`, scrubbed, with a correlation id that is in the log too. */
  call(method: string, input: unknown, options: { caller: string; signal?: AbortSignal }): Promise<unknown>;
  follow(stream: string, input: unknown, options: { caller: string; signal?: AbortSignal }): AsyncIterable<unknown>;
  /** The dispatcher as a client, for callers in the same process. */
  client(caller: string): EngineClient;
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`).join('; ');
}

export function createDispatcher(dependencies: { ports: Ports; scrubber: Scrubber; handlers: Handlers<MethodName>; streamHandlers: StreamHandlers }): Dispatcher {
  const { ports, scrubber, handlers, streamHandlers } = dependencies;
  const never = new AbortController().signal;

  const context = (caller: string, signal: AbortSignal | undefined): CallContext => ({ caller, signal: signal ?? never, correlationId: ports.random.id() });

  const parse = (name: string, what: 'input' | 'output', schema: z.ZodType, value: unknown): unknown => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new PilothouseError(what === 'input' ? 'contract.invalid-input' : 'contract.invalid-output', `${name} ${what === 'input' ? 'was asked with' : 'answered with'} something it does not take: ${describe(parsed.error)}.`, {
      hint: what === 'input' ? 'Correct the named fields and ask again.' : 'This is a fault of Pilothouse; the log names the correlation id.',
    });
  };

  const fail = (name: string, error: unknown, correlationId: string): ErrorShape => {
    const shape = scrubber.scrub(toErrorShape(explainStoreError(error), correlationId));
    const expected = shape.code !== 'internal' && shape.code !== 'contract.invalid-output';
    ports.logger[expected ? 'info' : 'error'](
      scrubber.scrub({ method: name, code: shape.code, correlationId: shape.correlationId, details: shape.details, ...(expected || !(error instanceof Error) ? {} : { stack: error.stack }) }),
      shape.message,
    );
    return new PilothouseError(shape.code, shape.message, shape);
  };

  const unknownName = (kind: string, name: string) =>
    new PilothouseError('contract.unknown-method', `There is no ${kind} called ${name.slice(0, 100)}.`, { hint: 'The two sides may be of different versions: restart both.' });

  const dispatcher: Dispatcher = {
    async call(method, input, options) {
      const at = context(options.caller, options.signal);
      try {
        if (!Object.hasOwn(methods, method)) throw unknownName('method', method);
        const name = method as MethodName;
        const handler = handlers[name] as (input: unknown, context: CallContext) => unknown;
        const output = await handler(parse(name, 'input', methods[name].input, input), at);
        return parse(name, 'output', methods[name].output, output);
      } catch (error) {
        throw fail(method.slice(0, 100), error, at.correlationId);
      }
    },

    async *follow(stream, input, options) {
      const at = context(options.caller, options.signal);
      try {
        if (!Object.hasOwn(streams, stream)) throw unknownName('stream', stream);
        const name = stream as StreamName;
        const handler = streamHandlers[name] as (input: unknown, context: CallContext) => AsyncIterable<unknown>;
        yield* handler(parse(name, 'input', streams[name].input, input), at);
      } catch (error) {
        throw fail(stream.slice(0, 100), error, at.correlationId);
      }
    },

    client(caller) {
      // The schemas were applied above; the casts only say so to the compiler.
      return {
        call: ((method: string, input: unknown, options?: { signal?: AbortSignal }) => dispatcher.call(method, input, { caller, ...options })) as EngineClient['call'],
        follow: ((stream: string, input: unknown, options?: { signal?: AbortSignal }) => dispatcher.follow(stream, input, { caller, ...options })) as EngineClient['follow'],
      };
    },
  };
  return dispatcher;
}
