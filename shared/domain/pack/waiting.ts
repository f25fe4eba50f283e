/** What of a pack is not in the calendar of a system yet, because somebody has to answer first. */

interface Asked {
  key: string;
  ask: string;
  items: readonly { kind: string; key: string }[];
}

/** @returns how many entries wait, each counted once, and the questions that they wait for */
export function entriesThatWait<T extends Asked>(open: readonly T[]): { entries: number; questions: T[] } {
  const ofCalendar = ({ items }: T): string[] => items.filter(({ kind }) => kind === 'calendar').map(({ key }) => key);
  const questions = open.filter((question) => ofCalendar(question).length > 0);
  return { entries: new Set(questions.flatMap(ofCalendar)).size, questions };
}
