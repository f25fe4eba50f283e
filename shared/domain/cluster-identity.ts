/** Which cluster answers, where another one was expected. */
import type { ErrorShape } from './errors.ts';

export interface ForeignCluster {
  /** System identifiers, as the servers give them. */
  expected: string;
  found: string;
}

/** What an error of a connection says of it. Null where it is no such error, or where the cluster that answers may not be asked who it is: then there is nothing that could be accepted. */
export function foreignCluster(error: Pick<ErrorShape, 'code' | 'details'> | null | undefined): ForeignCluster | null {
  if (error?.code !== 'postgres.wrong-identity') return null;
  const { expected, found } = error.details;
  return typeof expected === 'string' && typeof found === 'string' ? { expected, found } : null;
}
