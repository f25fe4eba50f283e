/** What a person types to start Pilothouse again on the same data folder. */

/** As a POSIX shell takes it for one word; what needs no quotes gets none. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * @param chosen the data folder and the port, where they are not what comes by itself, and whether it was to be no
 * window: else the next start might open one in place of a fresh address
 */
export function startCommandOf(chosen: { home: string | null; port: number | null; browser: boolean }): string {
  const options = [...(chosen.home === null ? [] : ['--home', word(chosen.home)]), ...(chosen.port === null ? (chosen.browser ? ['--browser'] : []) : ['--port', String(chosen.port)])];
  return ['npm start', ...(options.length === 0 ? [] : ['--', ...options])].join(' ');
}
