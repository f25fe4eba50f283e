/** Counts the rows in SQL that pg_restore prints, as it flows by. */
import { nameKey, type ArchiveNames } from './archive-names.ts';
import { readQualified } from './identifiers.ts';

export interface CopyScanner {
  push(chunk: Buffer): void;
  /** Ends the count. `whole` is false where the text broke off inside a table. */
  end(): { whole: boolean };
  /** Rows by table so far, by `nameKey` of the name as it was decoded. */
  readonly rows: ReadonlyMap<string, number>;
  readonly largeObjects: number;
  readonly totalRows: number;
}

const newline = 0x0a;
const copyStart = Buffer.from('COPY ');
const copyEnd = ' FROM stdin;';
const largeObjectStart = Buffer.from('SELECT pg_catalog.lo_open(');

const startsWith = (line: Buffer, start: Buffer): boolean => line.length >= start.length && line.compare(start, 0, start.length, 0, start.length) === 0;

/**
 * Reads the output of `pg_restore --data-only --file=-`: each `COPY … FROM stdin;`, its rows, one per line, up to `\.`,
 * and each large object that is opened. In COPY's text format a row never contains a line end and is never `\.`.
 */
export function createCopyScanner(names: Pick<ArchiveNames, 'decode'>): CopyScanner {
  const rows = new Map<string, number>();
  let table: string | null = null;
  let tableRows = 0;
  let totalRows = 0;
  let largeObjects = 0;
  /** Of a line that goes on in the next chunk: all of it outside of a table, its first bytes inside of one. */
  let carried: Buffer = Buffer.alloc(0);
  let carriedLength = 0;
  /** A COPY statement with a line end in the table's or a column's name goes over several lines. */
  let statement = '';

  const readStatement = (line: Buffer): void => {
    if (statement === '' && startsWith(line, largeObjectStart)) largeObjects += 1;
    if (statement === '' && !startsWith(line, copyStart)) return;
    statement += statement === '' ? names.decode(line) : `\n${names.decode(line)}`;
    if (!statement.endsWith(copyEnd)) return;
    const named = readQualified(statement.slice(copyStart.length));
    table = named === null ? statement : nameKey(named);
    statement = '';
    tableRows = 0;
  };
  const isEndMark = (chunk: Buffer, from: number, to: number): boolean => {
    if (carriedLength + to - from !== 2) return false;
    const line = Buffer.concat([carried, chunk.subarray(from, to)]);
    return line[0] === 0x5c && line[1] === 0x2e;
  };
  const carry = (rest: Buffer): void => {
    carriedLength += rest.length;
    carried = table === null ? Buffer.concat([carried, rest]) : carriedLength <= 2 ? Buffer.concat([carried, rest]) : carried;
  };
  const dropCarried = (): void => {
    carried = Buffer.alloc(0);
    carriedLength = 0;
  };

  return {
    rows,
    get largeObjects() {
      return largeObjects;
    },
    get totalRows() {
      return totalRows + tableRows;
    },
    push(chunk) {
      let from = 0;
      while (from < chunk.length) {
        const to = chunk.indexOf(newline, from);
        if (to < 0) {
          carry(chunk.subarray(from));
          return;
        }
        if (table === null) readStatement(carriedLength === 0 ? chunk.subarray(from, to) : Buffer.concat([carried, chunk.subarray(from, to)]));
        else if (isEndMark(chunk, from, to)) {
          rows.set(table, (rows.get(table) ?? 0) + tableRows);
          totalRows += tableRows;
          tableRows = 0;
          table = null;
        } else tableRows += 1;
        if (carriedLength > 0) dropCarried();
        from = to + 1;
      }
    },
    end: () => ({ whole: table === null && statement === '' }),
  };
}
