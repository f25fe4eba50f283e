/** When something is done: cron and its like, zones, and what falls together. */
import { define, ofLines } from './define.ts';
import type { Hit } from './types.ts';

const cronLine = /^\s*(?:#\s*)?((?:[\d*/,-]+|\*\/\d+)\s+(?:[\d*/,-]+)\s+(?:[\d*/,-]+)\s+(?:[\d*/,A-Za-z-]+)\s+(?:[\d*/,A-Za-z-]+))\s+(?=[a-z/~.$])/;
const quotedCron = /(?:cron|schedule)\w*["']?\s*[:=]\s*["']([^"']+)["']/i;
const days = 'monday|tuesday|wednesday|thursday|friday|saturday|sunday';

export const scheduleRules = [
  define({
    id: 'cron-day-or', title: 'Two days in a line of cron', class: 'wrong', languages: ['crontab', 'yaml', 'sh'],
    explanation: 'Where both the day of the month and the day of the week are given, cron runs on either of them: "1-7 … SUN" is no first Sunday.',
    look: ({ lines }) => lines.flatMap(({ text, from }): Hit[] => {
      const said = cronLine.exec(text)?.[1] ?? quotedCron.exec(text)?.[1];
      const fields = said?.trim().split(/\s+/) ?? [];
      if (said === undefined || fields.length !== 5 || fields[2]?.startsWith('*') !== false || fields[4]?.startsWith('*') !== false) return [];
      const at = text.indexOf(said);
      return [{ from: from + at, to: from + at + said.length, message: 'cron runs this on either of the two days, and not on those that are both.', fix: 'Give one of them, and look for the other in the script: [ "$(date +%u)" = 7 ] || exit 0.' }];
    }),
  }),
  define({
    id: 'cron-six-fields', title: 'Six fields where cron has five', class: 'wrong', languages: ['crontab', 'yaml', 'sh'],
    explanation: 'Spring and Quartz begin with seconds; crontab and Kubernetes do not, and refuse it or take each field for the next one. "?" is known to them alone.',
    look: ({ lines, language }) => lines.flatMap(({ text, from }): Hit[] => {
      const said = language === 'crontab' ? /^\s*((?:[\d*/,?-]+\s+){3}[\w*/,?-]+\s+[\w*/,?-]+\s+[\d*/,?A-Z#L-]+)\s+[a-z/]/.exec(text)?.[1] : quotedCron.exec(text)?.[1];
      if (said === undefined || said.trim().split(/\s+/).length !== 6 || (language === 'crontab' && !/^(?:\d+|\*)(?:\s+[\d*/,?-]+){2}\s+\S+\s+\S+\s+(?:\?|\*|[A-Z]{3}|\d)$/.test(said))) return [];
      const at = text.indexOf(said);
      return [{ from: from + at, to: from + at + said.length, message: 'This has six fields, and cron takes five: the first would be taken for the minute.', fix: 'Leave out the seconds, and write * for ?.' }];
    }),
  }),
  ofLines({
    id: 'scheduled-without-zone', title: 'A schedule in the zone of the server', class: 'wrong', languages: ['java'], pattern: /(@Scheduled\s*\(\s*cron\s*=\s*"[^"]+"\s*\))/,
    explanation: 'Without a zone it runs by the clock of the server, while calendars of people name another.', message: 'This runs in the zone of the server, whatever the calendar says.', fix: 'Add zone = "UTC", and show the same zone in the calendar.',
  }),
  ofLines({
    id: 'zone-abbreviation', title: 'A zone that is half of the year another', class: 'document', languages: ['markdown', 'text', 'yaml'], kinds: ['block', 'document'], pattern: /\b\d{1,2}(?::\d\d)?\s*(?:AM|PM|Uhr)?\s*(?:-\s*\d{1,2}(?::\d\d)?\s*(?:AM|PM)?\s*)?\(?(EST|EDT|CST|CDT|MST|MDT|PST|PDT|CET|CEST|MEZ|MESZ|BST|IST)\b/,
    explanation: '"EST" is the winter time of one zone and the time of another all year. From March to November the clock there shows another hour.', message: (found) => `"${found[1]}" is not the time there for half of the year.`, fix: 'Name the zone: America/New_York, or Etc/GMT+5 where no summer time is meant.',
  }),
  define({
    id: 'windows-fall-together', title: 'Windows that fall on the same day', class: 'document', languages: ['yaml', 'markdown'], kinds: ['block', 'document'],
    explanation: 'What is due each week, each month and each quarter meets on one day, where it waits for each other or is done at the same time.',
    look: ({ lines }) => {
      const found = lines.flatMap(({ text, from }) => {
        const yaml = /^\s*- time:\s*["']?((?:first )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b[^"']*?)(\d{1,2}):(\d\d)/i.exec(text);
        const table = new RegExp(`^\\s*\\|\\s*(${days})\\s*\\|\\s*(\\d{1,2}):(\\d\\d)\\s*\\|`, 'i').exec(text);
        const match = yaml ?? table;
        return match === null ? [] : [{ day: new RegExp(days, 'i').exec(match[1] ?? '')?.[0].toLowerCase() ?? '', hour: Number(match[2]), isOften: yaml === null || !/first/i.test(match[1] ?? ''), from: from + match.index + match[0].search(/\S/), to: from + text.trimEnd().length }];
      });
      return found.filter((one) => found.some((other) => other !== one && other.from < one.from && other.day === one.day && Math.abs(other.hour - one.hour) <= 2)).map(({ from, to, day }): Hit => ({ from, to, message: `This falls on a ${day} on which something else is due within two hours.`, fix: 'Look at them in one calendar, and say which goes first.' }));
    },
  }),
];
