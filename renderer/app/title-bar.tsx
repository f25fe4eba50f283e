import { Search } from 'lucide-react';
import { Link } from 'wouter';
import { Button } from '../components/button.tsx';
import { EnvironmentTag } from '../components/environment-tag.tsx';
import { ErrorPanel } from '../components/error-panel.tsx';
import { SwitchButton } from '../components/field.tsx';
import { Icon, Mark } from '../components/icons.tsx';
import { paths } from '../components/paths.ts';
import type { ScreenInfo } from '../components/screen.tsx';
import { useCommand } from '../transport/use-method.ts';
import { modifierName } from './keyboard.ts';

/** System, environment, screen; its lower edge is the environment's colour. */
export function TitleBar({ info, onSearch }: { info: ScreenInfo; onSearch: () => void }) {
  const update = useCommand('system.update');
  const { system } = info;
  // It stays under the bar of its own system until it is tried again or closed.
  const refused = update.error !== null && update.variables.systemId === system?.id ? { error: update.error, again: () => update.mutate(update.variables) } : null;
  const environment = system?.environment ?? info.environment ?? null;
  return (
    <header className="top">
      <Link to={paths.overview} className="brand" aria-label="Pilothouse, overview">
        <Mark />
        <span className="lb">Pilothouse</span>
      </Link>
      <div className="bar" {...(environment === null ? {} : { 'data-env': environment })}>
        <div className="crumb">
          {system === null ? null : <Link to={paths.system(system.id)} className="strong">{system.name}</Link>}
          {environment === null ? null : <EnvironmentTag environment={environment} />}
          {system === null && environment === null ? null : <span className="sep" aria-hidden>/</span>}
          <span className={system === null ? 'strong clip' : 'clip'}>{info.screen}</span>
        </div>
        <div className="right">
          {system === null ? null : (
            <SwitchButton checked={system.readOnly} disabled={update.isPending} onChange={(readOnly) => update.mutate({ systemId: system.id, readOnly })}>Read only</SwitchButton>
          )}
          <button type="button" className="search" onClick={onSearch} aria-keyshortcuts="Control+K Meta+K">
            <Icon of={Search} small />
            <span>Find<span className="wide"> or run</span></span>
            <kbd>{modifierName} K</kbd>
          </button>
        </div>
        {refused === null ? null : (
          <div className="bar-err">
            <ErrorPanel error={refused.error} title="Read only was not changed." onRetry={refused.again}><Button onClick={update.reset}>Close</Button></ErrorPanel>
          </div>
        )}
      </div>
    </header>
  );
}
