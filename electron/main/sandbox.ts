/** Whether Chromium's sandbox was taken away before anything of ours ran. */

/**
 * An AppImage adds the switch by itself where it finds no sandbox to be had, and the variable does the same.
 * @throws Error where pages would run outside of the sandbox
 */
export function demandSandbox(args: readonly string[] = process.argv, environment: Record<string, string | undefined> = process.env): void {
  const isOff = args.some((argument) => /^--?no-sandbox(?:=|$)/.test(argument)) || environment['ELECTRON_DISABLE_SANDBOX'] !== undefined;
  if (!isOff) return;
  throw new Error('Pilothouse shows nothing outside of the sandbox of Chromium, which was switched off or cannot be had here. Install the package for your system (deb or rpm), which sets it up, or let accounts have user namespaces. The command line works as it is: pilothouse cli --help');
}
