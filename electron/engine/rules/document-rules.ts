/** What a document says of people, times and files, and where it says two things. */
import { define, ofLines } from './define.ts';
import type { Looked } from './looked.ts';
import type { Hit, Language, TextKind } from './types.ts';

const languages: readonly Language[] = ['markdown'];
const kinds: readonly TextKind[] = ['document'];

/** Rows of tables that have a time, as cells. */
function scheduled({ lines }: Looked): { day: string; minute: number; task: string; script: string | null; from: number; to: number }[] {
  return lines.flatMap(({ text, from }) => {
    if (!/^\s*\|/.test(text)) return [];
    const cells = text.split('|').slice(1, -1).map((cell) => cell.trim());
    const at = cells.findIndex((cell) => /^\d{1,2}:\d\d(?:\s*(?:AM|PM|UTC))?$/i.test(cell));
    if (at === -1) return [];
    const [hour = '0', minute = '0'] = (cells[at] ?? '').split(':');
    return [{ day: (cells[at - 1] ?? 'daily').toLowerCase(), minute: Number(hour) * 60 + Number.parseInt(minute, 10), task: cells[at + 1] ?? '', script: /`([\w.-]+\.\w+)`/.exec(text)?.[1] ?? null, from, to: from + text.trimEnd().length }];
  });
}

const isDeletion = /archiv|delete|clean|purge|remove|prune|lösch|bereinig/i;
const isCopy = /backup|dump|snapshot|sicherung/i;

interface Figure {
  /** Words that say what it is of. */
  about: string;
  figure: string;
  /** Counted from 1. */
  line: number;
  from: number;
  to: number;
}

const units: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440, week: 10_080, month: 43_200 };

/** "- **Critical issues**: 2 hours", with the heading where the label is a word that stands everywhere. */
function figures({ lines }: Looked): Figure[] {
  let heading = '';
  return lines.flatMap(({ text, from }, at): Figure[] => {
    // What is written large or bold on a line of its own is a heading too.
    heading = /^(?:#{1,6}\s+|\s*(?:\d+[.)]\s+)?\*\*(?=[^*]+\*\*:?\s*$))(.*)$/.exec(text)?.[1]?.trim() ?? heading;
    const found = /^\s*[-*]\s+(?:\*\*)?([^:*|]{3,60}?)(?:\*\*)?:\s*(\d+)(?:\s+|-)(minute|hour|day|week|month)s?\b(.*)$/i.exec(text);
    if (found === null) return [];
    const [, label = '', count = '', unit = '', rest = ''] = found;
    const isGeneral = /^(?:notification|notice|response(?: time)?|duration|frequency)$/i.test(label);
    const topic = /notif|notice/i.test(`${label} ${rest}`) ? 'notification' : '';
    const words = `${isGeneral ? heading : label} ${topic}`.toLowerCase().replaceAll(/[^a-z0-9 ]/g, ' ').trim();
    return [{ about: [...new Set(words.split(/\s+/))].join(' '), figure: String(Number(count) * (units[unit.toLowerCase()] ?? 1)), line: at + 1, from: from + text.search(/\S/), to: from + text.trimEnd().length }];
  });
}

export const documentRules = [
  ofLines({
    id: 'phone-letters', title: 'A telephone number with letters', class: 'document', languages, kinds, pattern: /((?:\+?\d[\d ()-]{2,}|\(\d{3}\)\s*\d{3}-)[A-Z]{4,}\b)/,
    explanation: 'Letters stand for digits on some telephones, and their number has to fit: with too many or too few nobody is reached in an emergency.', message: (found) => `"${found[1]}" is no number that can be dialled.`, fix: 'Write digits, and call it once.',
  }),
  define({
    id: 'deletion-before-backup', title: 'Something is deleted before the backup', class: 'document', languages, kinds,
    explanation: 'What goes wrong in the deletion is in no copy. A deletion waits for a backup that was proved.',
    look: (looked) => {
      const rows = scheduled(looked);
      return rows.flatMap((row): Hit[] => {
        const copy = rows.find((other) => other.day === row.day && isCopy.test(other.task) && !isDeletion.test(other.task) && other.minute > row.minute);
        return isDeletion.test(row.task) && !isCopy.test(row.task) && copy !== undefined ? [{ from: row.from, to: row.to, message: `"${row.task}" comes before "${copy.task}" of the same day.`, fix: 'Make the deletion depend on a proven backup.' }] : [];
      });
    },
  }),
  define({
    id: 'script-not-there', title: 'A script that nobody wrote', class: 'document', languages, kinds,
    explanation: 'The schedule names a file that the document does not have: another name, or nothing at all.',
    look: (looked) => {
      const written = new Set([...looked.text.matchAll(/^\s*#\s*(?:\S*\/)?([\w.-]+\.(?:sh|py|js))\s*$/gm)].map(([, name]) => name));
      return written.size === 0 ? [] : scheduled(looked).flatMap(({ script, from, to }): Hit[] => (script === null || written.has(script) ? [] : [{ from, to, message: `The document names ${script} and does not have it.`, fix: `Scripts that it has: ${[...written].slice(0, 6).join(', ')}.` }]));
    },
  }),
  define({
    id: 'certificates-without-keys', title: 'Certificates without their keys', class: 'document', languages, kinds,
    explanation: 'Private keys are in /etc/ssl/private or with the web server. Without them the certificates are of no use after a loss.',
    look: ({ text }) => {
      const found = /\/etc\/ssl\/certs\b\/?/.exec(text);
      return found === null || /\/etc\/ssl\/private|\.key\b|private keys?\b/i.test(text) ? [] : [{ from: found.index, to: found.index + found[0].length, message: 'The certificates are saved and their private keys are not.', fix: 'Say where the keys are, and save them encrypted.' }];
    },
  }),
  define({
    id: 'two-figures', title: 'Two figures for the same thing', class: 'document', languages, kinds,
    explanation: 'Nobody can keep both. Which one holds is asked when the guide becomes a system.',
    look: (looked) => {
      const all = figures(looked);
      const first = new Map<string, Figure>();
      return all.flatMap((each): Hit[] => {
        const known = first.get(each.about);
        if (known === undefined) first.set(each.about, each);
        if (known === undefined || known.figure === each.figure) return [];
        return [{ from: each.from, to: each.to, message: `Line ${known.line} says something else of the same thing: "${looked.text.slice(known.from, known.to).replace(/^[-*]\s*/, '')}".`, fix: 'Ask which one holds.' }];
      });
    },
  }),
  define({
    id: 'restore-as-rollback', title: 'A restore as the way back of everything', class: 'document', languages: ['yaml', 'text', 'markdown'], kinds: ['block', 'document'],
    explanation: 'A restart or a deployment changes no data: restoring a backup then loses what was entered since. It is for damaged data alone.',
    look: ({ lines }) => {
      let isRollback = 0;
      return lines.flatMap(({ text, from }): Hit[] => {
        if (/^\s*(?:#+\s*)?(?:\*\*)?rollback\b[^a-z]*$/i.test(text)) isRollback = 8;
        else isRollback = Math.max(0, isRollback - 1);
        const found = isRollback > 0 ? /restore from (?:the )?(?:last|latest)[\w ]*backup/i.exec(text) : null;
        return found === null ? [] : [{ from: from + found.index, to: from + found.index + found[0].length, message: 'Restoring loses what was entered since, and the data may be well.', fix: 'Restore only where data was damaged, and let a person decide that.' }];
      });
    },
  }),
];
