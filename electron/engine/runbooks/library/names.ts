/** How a file of the library and what refers to it are called. */

/** The longest that a ref has room for. */
const longest = 81;

const slug = /^[a-z0-9][a-z0-9-]{0,80}$/;
const runbookFile = /\.ya?ml$/i;

/** Whether it is meant as a runbook: what editors and Git keep beside (".swap.yaml") is not. */
export const isRunbookFile = (fileName: string): boolean => runbookFile.test(fileName) && !fileName.startsWith('.');

/** "wal-fills-the-disk" of "wal-fills-the-disk.yaml"; null where nothing can refer to it by that name. */
export function nameOf(fileName: string): string | null {
  const name = /^(.*)\.ya?ml$/.exec(fileName)?.[1];
  return name !== undefined && slug.test(name) ? name : null;
}

/** Whether a folder of packs can be referred to. "own" is for the files of the person. */
export const isPackName = (folderName: string): boolean => slug.test(folderName) && folderName !== ownPack;

export const ownPack = 'own';

/** The nearest name that can be referred to, of any text: "wal-fullt-2" of "WAL füllt 2". */
export function slugOf(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, longest);
  return plain === '' ? 'runbook' : plain;
}

/** What a file should be called that cannot be referred to by its name. */
export const properFileName = (fileName: string): string => `${slugOf(fileName.replace(runbookFile, ''))}.yaml`;

/** The name, or with the first number from 2 on that makes one that is not taken. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const ending = number === 1 ? '' : `-${number}`;
    const candidate = `${name.slice(0, longest - ending.length)}${ending}`;
    if (!isTaken(candidate)) return candidate;
  }
}
