/** What a reader of Markdown would not take for code: fenced lines and spans between runs of as many backticks are taken out. */
export function outsideCode(text: string): string {
  const outside: string[] = [];
  let fence: string | null = null;
  for (const line of text.split(/\r\n?|\n/)) {
    const run = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (fence !== null) {
      if (run !== null && (run[1] ?? '').length >= fence.length && (run[2] ?? '').trim() === '') fence = null;
    } else if (run !== null) fence = run[1] ?? '';
    else outside.push(line.replaceAll(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, ''));
  }
  return fence === null ? outside.join('\n') : `${text}\n(a fence is open)`;
}
