/** WHERE clauses put together piece by piece, values always apart from the text. */
export interface Conditions {
  add(sql: string, ...values: (string | number)[]): void;
  /** Nothing for an empty list: no choice means all. */
  addOneOf(column: string, choices: readonly string[] | undefined): void;
  /** "WHERE … AND …", or nothing. */
  readonly where: string;
  readonly values: (string | number)[];
}

export function createConditions(): Conditions {
  const parts: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, ...given: (string | number)[]): void => {
    parts.push(sql);
    values.push(...given);
  };
  return {
    add,
    addOneOf(column, choices) {
      if (choices !== undefined && choices.length > 0) add(`${column} IN (${choices.map(() => '?').join(', ')})`, ...choices);
    },
    get where() {
      return parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`;
    },
    values,
  };
}
