/** A draft as a file of its own, for those who go on with an editor: it says that it is one, and which lines have to be looked at. Pure. */
import type { GuideFlag } from '#shared/contract/guides.ts';

interface Draft {
  text: string;
  flags: readonly GuideFlag[];
  steps: readonly { id: string; line: number }[];
}

export interface DraftFile {
  text: string;
  steps: number;
  /** Steps that a person does, reads or decides. */
  manual: number;
  /** Steps that are sent. */
  commands: number;
  /** Steps that have to be looked at before it can be started. */
  blocked: number;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

export function draftFile({ text, flags, steps }: Draft): DraftFile {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, at) => {
    const id = /^ *- id: "?([a-z0-9-]+)"?$/.exec(line)?.[1];
    const place = steps.find((step) => step.id === id);
    return place === undefined ? [] : [{ at, line: place.line }];
  });
  /** The step that the line of a flag belongs to: the last one that begins on it or before. */
  const stepOf = (line: number): number | null => {
    const before = starts.filter((start) => start.line <= line);
    const nearest = Math.max(...before.map((start) => start.line));
    return before.find((start) => start.line === nearest)?.at ?? null;
  };
  const remarks = new Map<number, string[]>();
  const above: string[] = [];
  for (const flag of flags.filter(({ state }) => state === 'open')) {
    const said = `look: line ${flag.line} of the guide: ${oneLine(flag.message)}${flag.fix === null || flag.message.includes(flag.fix) ? '' : ` ${oneLine(flag.fix)}`}`;
    const at = stepOf(flag.line);
    if (at === null) above.push(`# ${said}`);
    else remarks.set(at, [...(remarks.get(at) ?? []), `${/^ */.exec(lines[at] ?? '')?.[0] ?? ''}# ${said}`]);
  }
  const version = lines.findIndex((line) => line.startsWith('version:'));
  const written = lines.flatMap((line, at) => [...(remarks.get(at) ?? []), line, ...(at === version ? ['draft: true'] : [])]);
  const commands = lines.filter((line) => /^ {4,}(?:sh|sql|http):/.test(line)).length;
  return { text: [...above, ...written].join('\n'), steps: starts.length, manual: starts.length - commands, commands, blocked: remarks.size };
}
