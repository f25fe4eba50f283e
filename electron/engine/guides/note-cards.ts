/** Notes of a guide as cards to look up: all of them one after the other, on as many cards as they need. Pure. */

/** Characters of a card; some are left for its title. */
const longest = 39_000;

/** Where a text is cut: behind a line, and within one only where it goes on for long. */
function cutOf(text: string): number {
  const line = text.lastIndexOf('\n', longest);
  if (line > longest / 2) return line;
  const isHalf = /[\uDC00-\uDFFF]/.test(text.charAt(longest));
  return isHalf ? longest - 1 : longest;
}

/** @param notes in the order of the guide */
export function noteCards(notes: readonly string[]): string[] {
  const cards: string[] = [];
  let card = '';
  for (const note of notes) {
    let rest = note;
    if (card !== '' && card.length + rest.length + 2 > longest) {
      cards.push(card);
      card = '';
    }
    while (rest.length > longest) {
      const at = cutOf(rest);
      cards.push(rest.slice(0, at));
      rest = rest.slice(at).replace(/^\n/, '');
    }
    card = card === '' ? rest : `${card}\n\n${rest}`;
  }
  return card === '' ? cards : [...cards, card];
}
