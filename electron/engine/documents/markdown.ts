/** A document as Markdown that shows no picture, follows no link and obeys no markup of what it tells about. */
import { plain } from '#shared/domain/plain-text.ts';
import { inlineCode, labelled } from '../history/document.ts';
import { verdictWords, type Block, type Piece, type Words } from './blocks.ts';

/** What others wrote, of which a terminal that shows the file obeys nothing either. */
const theirs = (text: string): string => inlineCode(plain(text));
const inline = (piece: Piece): string => (typeof piece === 'string' ? piece : theirs('said' in piece ? piece.said : piece.code));
const sentence = (words: Words): string => words.map(inline).join('');

function blockText(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `# ${sentence(block.words)}: ${block.state}`;
    case 'banner':
      return `**${sentence(block.words)}**`;
    case 'heading':
      return `${'#'.repeat(block.level)} ${sentence(block.words)}${block.state === null ? '' : `: ${block.state.word}`}`;
    case 'paragraph':
      return sentence(block.words);
    case 'facts':
      return block.rows.map(([label, words]) => `- ${label}: ${sentence(words)}`).join('\n');
    case 'list':
      return block.items.map((words) => `- ${sentence(words)}`).join('\n');
    case 'expectations':
      return block.items
        .map(({ ok, say, seen }) => {
          const { sign, word } = verdictWords(ok);
          return `- ${sign} ${word}: ${theirs(say)}${seen === null ? '' : `, found: ${theirs(seen)}`}`;
        })
        .join('\n');
    case 'code':
      return labelled(sentence(block.label), plain(block.text));
    case 'image':
      return `A picture, ${theirs(block.name)} (${theirs(block.media)}), is in the report as HTML and as JSON.`;
    case 'log':
      return block.rows.map(({ seq, local, actor, text, hash }) => `- No. ${seq}, ${local}, ${theirs(actor)}: ${theirs(text)} (hash ${hash.slice(0, 12)})`).join('\n');
  }
}

export const markdownOf = (blocks: readonly Block[]): string => `${blocks.map(blockText).filter((text) => text !== '').join('\n\n')}\n`;
