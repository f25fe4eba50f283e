/** Archives made by hand, header by header: also such as no tar would make. */
import { gzipSync } from 'node:zlib';

export interface MadeEntry {
  name: string | Buffer;
  /** One character: "0" a file, "5" a folder, "2" a link, "1" a second name, "3" a device, … */
  type?: string;
  text?: string | Buffer;
  target?: string | Buffer;
  mode?: number;
  /** Instead of what is right. */
  size?: number;
  checksum?: number;
}

const bytes = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

export function tarHeader({ name, type = '0', text = '', target = '', mode = 0o644, size, checksum }: MadeEntry): Buffer {
  const header = Buffer.alloc(512);
  bytes(name).copy(header, 0, 0, 100);
  const octal = (value: number, at: number, length: number): number => header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size ?? (type === '0' || type === 'L' || type === 'K' || type === 'x' ? bytes(text).length : 0), 124, 12);
  octal(1_700_000_000, 136, 12);
  header.write(type, 156, 'latin1');
  bytes(target).copy(header, 157, 0, 100);
  header.write('ustar  \0', 257, 'latin1');
  header.write('root', 265, 'latin1');
  header.write('root', 297, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${(checksum ?? sum).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const padded = (content: Buffer): Buffer => Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);

export const tarOf = (entries: readonly MadeEntry[], end: Buffer = Buffer.alloc(1024)): Buffer => Buffer.concat([...entries.flatMap((entry) => [tarHeader(entry), padded(bytes(entry.text ?? ''))]), end]);
export const tarGzOf = (entries: readonly MadeEntry[]): Buffer => gzipSync(tarOf(entries));
