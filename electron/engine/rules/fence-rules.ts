/** Texts that are of another language than they say. */
import { define } from './define.ts';
import { sqlBeginning } from './looked.ts';
import type { Hit } from './types.ts';

export const fenceRules = [
  define({
    id: 'fence-language', title: 'A fence that is of another language', class: 'language', languages: ['sh', 'javascript', 'sql'],
    explanation: 'Part of it is for another program: pasted into this one it fails, or does something else.',
    look: ({ language, commands, lines, statements, settings }) => {
      const hits: Hit[] = [];
      if (language === 'sh') {
        for (const { from, to, command } of statements) if (command === null) hits.push({ from, to, message: 'This is SQL, and the fence says that a shell runs it.', fix: 'Make it a sql step.' });
        for (const { from, to } of settings) hits.push({ from, to, message: 'This is a line of a file of settings, and the fence says that a shell runs it.', fix: 'Keep it as a note, or make it a step that changes the file.' });
        for (const { from, to, raw } of commands) if (/^\[[\w.-]+\]$/.test(raw)) hits.push({ from, to, message: 'This is a section of a file of settings, and the fence says that a shell runs it.', fix: 'Keep it as a note, or make it a step that changes the file.' });
        for (const { text, from } of lines) if (/^[ \t]*[a-z]\w*: +['"].*['"],?$/.test(text)) hits.push({ from: from + text.search(/\S/), to: from + text.length, message: 'This is a line of a program, and the fence says that a shell runs it.', fix: 'Keep it as a note.' });
      }
      if (language === 'javascript') for (const { text, from } of lines) if (/^[ \t]*(?:npm|yarn|pnpm|npx|node|docker|git|curl|sudo) [a-z-]/.test(text)) hits.push({ from: from + text.search(/\S/), to: from + text.trimEnd().length, message: 'This is a command of a shell, and the fence says that it is JavaScript.', fix: 'Make it a sh step.' });
      if (language === 'sql') for (const { text, from } of lines) if (/^[ \t]*(?:psql|pg_dump|sudo|docker|kubectl|systemctl) [\w-]/.test(text) && !sqlBeginning.test(text)) hits.push({ from: from + text.search(/\S/), to: from + text.trimEnd().length, message: 'This is a command of a shell, and the fence says that it is SQL.', fix: 'Make it a sh step.' });
      return hits;
    },
  }),
];
