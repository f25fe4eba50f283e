/** A document as Markdown that shows no picture, follows no link and obeys no markup of what it tells about. */
import { inlineCode, labelled } from '../../history/document.ts';
import { verdictWords, type Block, type Piece, type Words } from './blocks.ts';

const inline = (piece: Piece): string => (typeof piece === 'string' ? piece : inlineCode('said' in piece ? piece.said : piece.code));
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
          return `- ${sign} ${word}: ${inlineCode(say)}${seen === null ? '' : `, found: ${inlineCode(seen)}`}`;
        })
        .join('\n');
    case 'code':
      return labelled(sentence(block.label), block.text);
    case 'image':
      return `A picture, ${inlineCode(block.name)} (${inlineCode(block.media)}), is in the report as HTML and as JSON.`;
    case 'log':
      return block.rows.map(({ seq, local, actor, text, hash }) => `- ${seq}. ${local}, ${inlineCode(actor)}: ${inlineCode(text)} (hash ${hash.slice(0, 12)})`).join('\n');
  }
}

export const markdownOf = (blocks: readonly Block[]): string => `${blocks.map(blockText).filter((text) => text !== '').join('\n\n')}\n`;
