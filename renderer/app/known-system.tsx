import type { ReactNode } from 'react';
import { LinkButton } from '../components/button.tsx';
import { paths } from '../components/paths.ts';
import { PageHead, useScreen } from '../components/screen.tsx';
import { useMethod } from '../transport/use-method.ts';

function Forgotten() {
  useScreen({ screen: 'Forgotten system', system: null });
  return (
    <div className="page">
      <PageHead title="This system was forgotten" lede="Its screens went with it. Its backups and its history stay." />
      <div className="row wrap">
        <LinkButton look="primary" to={paths.overview}>Open the overview</LinkButton>
        <LinkButton to={paths.history}>Open history</LinkButton>
      </div>
    </div>
  );
}

/** The screens of a system that is still one here: what was last seen of it would look as if it were still so. */
export function KnownSystem({ systemId, children }: { systemId: string; children: ReactNode }) {
  const query = useMethod('system.get', { systemId });
  return query.error?.code === 'store.not-found' ? <Forgotten /> : children;
}
