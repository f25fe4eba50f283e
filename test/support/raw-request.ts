/** A request written byte by byte, so that nothing puts its headers right. */
import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  body: string;
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}

/** Sends exactly these bytes and reads until the other side ends. Status 0: it ended without a word. */
export function rawRequest(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks: Buffer[] = [];
    const end = (): void => {
      socket.destroy();
      resolve(parse(Buffer.concat(chunks).toString('latin1')));
    };
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // An accepted socket stays open: its first word is all that is asked for.
      if (Buffer.concat(chunks).toString('latin1').startsWith('HTTP/1.1 101')) end();
    });
    socket.on('end', end);
    socket.on('error', end);
  });
}

/** A request of lines. Headers come in the order given; null leaves one out. */
export function requestText(line: string, headers: readonly (readonly [string, string])[], body = ''): string {
  return `${[line, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${body}`;
}
