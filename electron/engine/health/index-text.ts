/** Definitions of indexes as text. */

/** What pg_get_indexdef() gave, built without blocking writes. */
export function concurrently(definition: string): string {
  return definition.replace(/^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY )/, 'CREATE $1INDEX CONCURRENTLY ');
}
