/** A document as one file of HTML: no script, nothing that is fetched, and whatever others wrote is text. */
import { plain } from '#shared/domain/plain-text.ts';
import { verdictWords, type Block, type Piece, type Words } from './blocks.ts';
import { reportStyle } from './style.ts';

/** Text as text: nothing in it is markup, and nothing is left that a terminal would obey. */
export const escaped = (text: string): string => plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

const inline = (piece: Piece): string => {
  if (typeof piece === 'string') return escaped(piece);
  return 'said' in piece ? `<bdi>${escaped(piece.said)}</bdi>` : `<code>${escaped(piece.code)}</code>`;
};
const sentence = (words: Words): string => words.map(inline).join('');

/** What may be shown as a picture; anything else is told as a file. */
const pictures = new Set(['image/png', 'image/jpeg', 'image/webp']);
const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/;

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `<h1>${sentence(block.words)} <span class="state ${block.tone}">${escaped(block.state)}</span></h1>`;
    case 'banner':
      return `<p class="banner ${block.tone}">${sentence(block.words)}</p>`;
    case 'heading':
      return `<h${block.level}>${sentence(block.words)}${block.state === null ? '' : ` <span class="state ${block.state.tone}">${escaped(block.state.word)}</span>`}</h${block.level}>`;
    case 'paragraph':
      return `<p>${sentence(block.words)}</p>`;
    case 'facts':
      return block.rows.length === 0 ? '' : `<table class="facts"><tbody>${block.rows.map(([label, words]) => `<tr><th scope="row">${escaped(label)}</th><td>${sentence(words)}</td></tr>`).join('')}</tbody></table>`;
    case 'list':
      return `<ul>${block.items.map((words) => `<li>${sentence(words)}</li>`).join('')}</ul>`;
    case 'expectations':
      return `<ul class="checks">${block.items
        .map(({ ok, say, seen }) => {
          const { sign, word } = verdictWords(ok);
          return `<li><b class="${ok === null ? 'skipped' : ok ? 'ok' : 'critical'}">${sign} ${word}</b> <bdi>${escaped(say)}</bdi>${seen === null ? '' : `, found: <code>${escaped(seen)}</code>`}</li>`;
        })
        .join('')}</ul>`;
    case 'code':
      return `<p class="label">${sentence(block.label)}</p><pre>${escaped(block.text)}</pre>`;
    case 'image':
      return pictures.has(block.media) && isBase64.test(block.base64) ? `<figure><img src="data:${block.media};base64,${block.base64}" alt="${escaped(block.name)}"><figcaption>${escaped(block.name)}</figcaption></figure>` : `<p>The file ${escaped(block.name)} (${escaped(block.media)}) cannot be shown here; it is in the report as JSON.</p>`;
    case 'log':
      return `<table class="log"><thead><tr><th scope="col">No.</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Hash</th></tr></thead><tbody>${block.rows
        .map(({ seq, at, local, actor, text, hash }) => `<tr><td>${seq}</td><td><time datetime="${escaped(at)}">${escaped(local)}</time></td><td>${escaped(actor)}</td><td><bdi>${escaped(text)}</bdi></td><td><code>${escaped(hash.slice(0, 12))}</code></td></tr>`)
        .join('')}</tbody></table>`;
  }
}

/** @param body HTML of ours, with everything escaped that others wrote */
export function htmlPage(title: string, style: string, body: string): string {
  // Even where something slipped through, nothing is fetched and nothing runs.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  return `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${escaped(title)}</title>\n<style>${style}</style>\n</head>\n<body>\n<main>\n${body}\n</main>\n</body>\n</html>\n`;
}

export const htmlOf = (title: string, blocks: readonly Block[]): string => htmlPage(title, reportStyle, blocks.map(blockHtml).filter((html) => html !== '').join('\n'));
