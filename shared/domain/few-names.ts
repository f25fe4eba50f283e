/** Names that are to be told apart in a line, and how many more there are: "web-1, web-2, web-3 and 17 more". */
export function fewNames(names: readonly string[], most = 3): string {
  return names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');
}
