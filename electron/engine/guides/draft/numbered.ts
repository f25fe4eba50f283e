/** Numbered lines whose commands stand between them without being set in: one list, each item with its block. */
import type { Block, ListBlock } from '../blocks.ts';
import { useOf } from './code.ts';

type Numbered = ListBlock & { start: number };

const isNumbered = (block: Block | undefined): block is Numbered => block?.kind === 'list' && block.ordered && block.start !== null;
const goesOn = (list: Numbered, block: Block | undefined): block is Numbered => isNumbered(block) && block.start === list.start + list.items.length;

/** Only where commands stand right below a list and the next one goes on with its numbers is it clear whose they are. */
export function withTheirBlocks(blocks: readonly Block[]): Block[] {
  const found: Block[] = [];
  for (let at = 0; at < blocks.length; at += 1) {
    const block = blocks[at];
    if (block === undefined) break;
    let list: Numbered | null = isNumbered(block) ? block : null;
    let isOne = false;
    while (list !== null) {
      const code: Block | undefined = blocks[at + 1];
      const next: Block | undefined = blocks[at + 2];
      const last = list.items.at(-1);
      const isItsOwn: boolean = code?.kind === 'code' && code.from <= list.to + 2 && ['shell', 'sql'].includes(useOf(code)) && (isOne || goesOn(list, next));
      if (code === undefined || last === undefined || !isItsOwn) break;
      list = { ...list, to: code.to, items: [...list.items.slice(0, -1), { ...last, to: code.to, blocks: [...last.blocks, code] }] };
      at += 1;
      isOne = true;
      if (!goesOn(list, next)) break;
      list = { ...list, to: next.to, items: [...list.items, ...next.items] };
      at += 1;
    }
    found.push(list ?? block);
  }
  return found;
}
