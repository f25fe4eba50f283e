import type { MethodInput, MethodName, MethodOutput, StreamInput, StreamItem, StreamName } from '#shared/contract/index.ts';

/** Who asks, and how to stop. */
export interface CallContext {
  /** `console`, `cli`, … : recorded with every operation. */
  caller: string;
  signal: AbortSignal;
  correlationId: string;
}

export type Handler<Name extends MethodName> = (input: MethodInput<Name>, context: CallContext) => Promise<MethodOutput<Name>> | MethodOutput<Name>;
export type Handlers<Names extends MethodName> = { [Name in Names]: Handler<Name> };
export type StreamHandlers = { [Name in StreamName]: (input: StreamInput<Name>, context: CallContext) => AsyncIterable<StreamItem<Name>> };
