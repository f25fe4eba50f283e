import { PilothouseError } from '#shared/domain/errors.ts';

/**
 * A word of a POSIX shell that means exactly this text, whatever is in it. The one way in which text gets into a
 * command line of a server.
 * @throws contract.invalid-input for NUL, which no argument can hold
 */
export function quoteWord(text: string): string {
  if (text.includes('\0')) throw new PilothouseError('contract.invalid-input', 'A command for a server holds a NUL character, which no argument can hold.', { hint: 'Look at the value that it was made of.' });
  // Left as they are where nothing in them means anything to any shell, so that history reads well.
  if (/^[A-Za-z0-9_@%+:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command line from an argument vector: the program, and its arguments as they are. */
export function quoteCommand(argv: readonly [string, ...string[]]): string {
  const [program, ...rest] = argv;
  // A word with "=" in front would be an assignment, and one that begins with "-" an option of whoever runs it.
  return [/^[A-Za-z_]\w*=/.test(program) ? `'${program.replaceAll("'", `'\\''`)}'` : quoteWord(program), ...rest.map(quoteWord)].join(' ');
}
