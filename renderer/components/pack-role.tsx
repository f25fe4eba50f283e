import type { MethodOutput } from '#shared/contract/index.ts';
import { useMethod } from '../transport/use-method.ts';
import { plainText } from './format.ts';

type Binding = NonNullable<MethodOutput<'pack.standing'>['adoption']>['held'][number]['binding'];

const nameOf = (binding: Binding): string => ('hostId' in binding ? binding.hostId : binding.databaseId);

/** What a host or a database is in the pack of its system; nothing where it has no role there. */
export function PackRole({ systemId, of }: { systemId: string; of: Binding }) {
  const { data } = useMethod('pack.standing', { systemId });
  const titles = (data?.adoption?.held ?? []).filter(({ binding }) => nameOf(binding) === nameOf(of)).map(({ title }) => plainText(title));
  return titles.length === 0 ? null : <span className="t3 xs under break">{titles.join(', ')} of its pack</span>;
}
