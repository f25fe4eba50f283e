import type { Environment } from '#shared/domain/environment.ts';
import { environmentWords } from './words.ts';

/** What a system is for. Loud where one acts, quiet in lists, short in the side bar. */
export function EnvironmentTag({ environment, quiet, short }: { environment: Environment; quiet?: boolean; short?: boolean }) {
  const words = environmentWords[environment];
  return <span className={`env ${environment}${quiet || short ? ' quiet' : ''}`}>{short ? words.short : words.long}</span>;
}
