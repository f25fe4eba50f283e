import { useMethod, type MethodQuery } from '../transport/use-method.ts';
import { useScreen } from './screen.tsx';

/** The system of a screen, named in the title bar. */
export function useSystemScreen(systemId: string, screen: string, focus = false): MethodQuery<'system.get'> {
  const query = useMethod('system.get', { systemId }, { againMs: 60_000 });
  const system = query.data?.system;
  useScreen({ screen, focus, system: system === undefined ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly } });
  return query;
}
