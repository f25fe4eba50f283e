/** What a person types to start this very Pilothouse again. The host knows how it was started, and writes it into the page. */
const written = document.querySelector<HTMLMetaElement>('meta[name="start-command"]')?.content ?? '';

/** Served by no host of ours, as while the console is being developed, the page still has the place for it. */
export const startCommand = written === '' || written.startsWith('__') ? 'npm start' : written;
