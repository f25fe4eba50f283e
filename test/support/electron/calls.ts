/** Calls between two processes of a test, over the channel that Node puts between them. */

export interface Line {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

type Callable = Record<string, (...args: never[]) => unknown>;
type Message = { call: string; args: unknown[]; id: number } | { answer: number; value?: unknown; problem?: string };

export type Caller<Theirs> = { [Name in keyof Theirs]: Theirs[Name] extends (...args: infer Args) => infer Result ? (...args: Args) => Promise<Awaited<Result>> : never };

function isMessage(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && ('call' in message || 'answer' in message);
}

/** Offers our functions to the other side, and gives theirs. A call that is under way when the line closes is rejected. */
export function connectCalls<Theirs extends object>(line: Line, ours: object): Caller<Theirs> {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let asked = 0;
  let open = true;

  const answer = async ({ call, args, id }: Extract<Message, { call: string }>): Promise<void> => {
    try {
      const work = (ours as Callable)[call];
      if (work === undefined) throw new Error(`Nobody answers ${call}.`);
      line.send({ answer: id, value: await work(...(args as never[])) });
    } catch (error) {
      line.send({ answer: id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  line.onMessage((message) => {
    if (!isMessage(message)) return;
    if ('call' in message) return void answer(message);
    const asker = waiting.get(message.answer);
    waiting.delete(message.answer);
    if (message.problem === undefined) asker?.resolve(message.value);
    else asker?.reject(new Error(message.problem));
  });
  line.onClose(() => {
    open = false;
    for (const { reject } of waiting.values()) reject(new Error('The other process has ended.'));
    waiting.clear();
  });
  return new Proxy({} as Caller<Theirs>, {
    get: (_target, name: string) =>
      name === 'then'
        ? undefined
        : (...args: unknown[]) =>
            new Promise((resolve, reject) => {
              if (!open) return reject(new Error('The other process has ended.'));
              asked += 1;
              waiting.set(asked, { resolve, reject });
              line.send({ call: name, args, id: asked });
            }),
  });
}
