/** `RESTORE.md`: what to do with a folder of files where there is no Pilothouse. */
import { bytesInWords, countInWords, timeInWords } from '../backup/words.ts';
import { quoteCommand } from '../ssh/quote.ts';
import { archiveName, type FilesManifest } from './manifest.ts';

const onOneLine = (name: string): string => name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}`]+/gu, ' ');

/** Plain Markdown with commands that can be copied. */
export function restoreText({ set, system, host, takenAt, madeBy, entries, leftOut, changed }: Omit<FilesManifest, 'files'>): string {
  const files = entries.filter(({ type }) => type === 'file');
  const first = set.paths.find((path) => path !== '/')?.slice(1) ?? 'etc';
  const member = set.paths.includes('/') ? `./${first}` : first;
  const listed = (items: readonly string[]): string => items.slice(0, 50).map((item) => `- ${onOneLine(item)}\n`).join('') + (items.length > 50 ? `- and ${items.length - 50} more, in manifest.json\n` : '');
  return `# ${onOneLine(set.name)}, as it was on ${timeInWords(takenAt)}

Files of ${onOneLine(host.label)} (${onOneLine(host.host)}, host key ${onOneLine(host.hostKey)}) of the system ${onOneLine(system.name)} (${system.environment}),
read as ${onOneLine(host.account)} by ${onOneLine(madeBy.tar)}: ${countInWords(files.length, 'file')}, ${bytesInWords(files.reduce((sum, { size }) => sum + size, 0))}.

Paths:

${listed(set.paths)}
${set.exclude.length === 0 ? '' : `Left out because it was wanted so:\n\n${listed(set.exclude)}\n`}${leftOut.length === 0 ? '' : `Left out although it belongs to it:\n\n${listed(leftOut.map(({ path, why }) => `${path} (${why})`))}\n`}${changed.length === 0 ? '' : `Changed while it was read, so it may be neither as it was before nor as it was after:\n\n${listed(changed)}\n`}Access control lists and other extended attributes are not in it.

\`manifest.json\` has type, size, rights, owner, time and SHA-256 of every entry, and the hash of the archive.
\`proofs.json\`, where there is one, says how far this copy was verified.

## Is it whole?

On Linux, in this folder (nothing is printed for files that are as they were):

    jq -r '.files[] | .sha256 + "  " + .path' manifest.json | sha256sum --check --quiet
    ${quoteCommand(['tar', '-tzf', archiveName])}

## Bring it back beside what is there

Into a new folder, with owners where this is done as root. Nothing existing is touched:

    mkdir restored
    ${quoteCommand(['tar', '-xzpf', archiveName, '--numeric-owner', '-C', 'restored'])}

Only a part of it:

    ${quoteCommand(['tar', '-xzpf', archiveName, '--numeric-owner', '-C', 'restored', member])}

Then compare with what is there (\`diff -r\`), and put in place what you want.
`;
}
