/** The tokens of values, `%h` and `${NAME}`. Source: ssh_config(5), "TOKENS" and "ENVIRONMENT VARIABLES". */

export type Tokens = Partial<Record<string, string>>;

/** @returns the value, or why it cannot be told */
export function expandTokens(text: string, tokens: Tokens): { value: string } | { problem: string } {
  let value = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '%') {
      value += text.charAt(at);
      continue;
    }
    at += 1;
    const token = text.charAt(at);
    const meaning = token === '%' ? '%' : tokens[token];
    if (meaning === undefined) return { problem: `%${token} in "${text}" has no meaning here` };
    value += meaning;
  }
  return { value };
}

/** @param environment of the person */
export function expandEnvironment(text: string, environment: Readonly<Record<string, string | undefined>>): { value: string } | { problem: string } {
  let problem: string | null = null;
  const value = text.replace(/\$\{([^}]*)\}/g, (_all, name: string) => {
    const found = environment[name];
    if (found === undefined) problem ??= `what ${name} is in the environment is not known here, and "${text}" needs it`;
    return found ?? '';
  });
  return problem === null ? { value } : { problem };
}
