/**
 * What the executable runs first. `cli` makes it the command line, which answers `--help` and `--version` too,
 * `supervise` what ends children on Windows; without them it is the window. Awaited, so that all of it stands before Electron says that it is ready.
 */
const given = process.argv.slice(process.defaultApp ? 2 : 1);
// An AppImage puts it before everything else where there is no sandbox; of the command line it takes nothing away.
const parameters = given[0] === '--no-sandbox' ? given.slice(1) : given;
const scripts: Record<string, string> = { cli: './cli.js', supervise: './windows-supervisor.js' };
const isAsked = ['--help', '-h', '--version'].includes(parameters[0] ?? '');
const [first = '', ...rest] = isAsked ? ['cli', ...parameters] : parameters;
// It keeps Electron's hands off what follows, and is not part of it.
const words = rest[0] === '--' ? rest.slice(1) : rest;
const script = Object.hasOwn(scripts, first) ? scripts[first] : undefined;

if (script === undefined) {
  await import('./main.ts');
} else {
  // As Node has it: what is run, its name, and then what is meant for it.
  process.argv = [process.execPath, first, ...words];
  await import(new URL(script, import.meta.url).href);
  // Never done: Electron would go on, to a display that need not be there, and with processes that nobody needs. A
  // supervisor ends itself, with the status of its command; of the command line Electron is told it, who knows no other.
  await new Promise<never>(() => {
    if (first === 'cli') process.stdout.write('', () => process.exit(process.exitCode ?? 0));
  });
}
