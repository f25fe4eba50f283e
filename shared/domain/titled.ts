/**
 * What is under way as it is told outside of the console, where nothing around it says of which system: databases of two
 * systems may be called alike.
 */
export function titledWithSystem({ title, systemName }: { title: string; systemName: string | null }): string {
  return systemName === null || title.includes(systemName) ? title : `${title} (${systemName})`;
}
