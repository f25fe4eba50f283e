import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SwitchButton } from '../../components/field.tsx';
import { bytes } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { Tint } from '../../components/state.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { NumberSetting } from './number-setting.tsx';
import { useSettings } from './use-settings.ts';

const gibibyte = 1024 ** 3;

function Upkeep() {
  const about = useMethod('app.about', {});
  const backup = useCommand('store.backup');
  const exported = useCommand('store.export');
  const error = backup.error ?? exported.error;
  const propose = usePropose();
  const [, navigate] = useLocation();
  const compact = () =>
    propose({
      title: 'Remove old events',
      choices: null,
      plan: async (engine) => (await engine.call('store.planCompact', {})).plan,
      onStarted: (operationId) => navigate(paths.operation(operationId)),
    });
  return (
    <section className="panel" aria-labelledby="upkeep">
      <header><h2 id="upkeep">The data folder</h2></header>
      <div className="body stack wide">
        <Loaded query={about} what="the data folder">
          {(data) => (
            <dl className="kv">
              <dt>Folder</dt><dd className="mono">{data.home}</dd>
              <dt>Local file</dt><dd>{bytes(data.databaseBytes)}</dd>
              <dt>Backups</dt><dd>{bytes(data.backupsBytes)}</dd>
              <dt>Free</dt><dd>{bytes(data.freeBytes)}</dd>
            </dl>
          )}
        </Loaded>
        <div className="row wrap">
          <Button needsEngine disabled={backup.isPending} onClick={() => backup.mutate({})}>Back up the local file</Button>
          <Button needsEngine disabled={exported.isPending} onClick={() => exported.mutate({})}>Export to another computer</Button>
          <Button needsEngine onClick={compact}>Remove old events…</Button>
        </div>
        {backup.data === undefined ? null : <Tint kind="ok" role="status"><p>A copy of {bytes(backup.data.sizeBytes)} lies in <span className="mono">{backup.data.path}</span>.</p></Tint>}
        {exported.data === undefined ? null : <Tint kind="ok" role="status"><p>Everything but secrets, {bytes(exported.data.sizeBytes)}, lies in <span className="mono">{exported.data.path}</span>.</p></Tint>}
        {error === null ? null : <ErrorPanel error={error} />}
      </div>
    </section>
  );
}

/** How much history is kept, how long there is a way back, and the folder it all lies in. */
export function DataSettings() {
  const { query, change, error } = useSettings();
  return (
    <>
      <section className="panel" aria-labelledby="kept">
        <header><h2 id="kept">What is kept</h2></header>
        <div className="body stack wide">
          <Loaded query={query} what="the settings">
            {({ settings }) => (
              <>
                <div className="fields">
                  <NumberSetting key={`b${settings.historyBudgetBytes}`} label="History at most, in GiB" hint="Then the oldest output goes first; results stay" value={settings.historyBudgetBytes} scale={gibibyte} min={10_000_000} max={100_000_000_000} onSave={(historyBudgetBytes) => change({ historyBudgetBytes })} />
                  <NumberSetting key={`d${settings.historyKeepDays}`} label="History for, in days" hint="Evidence is never removed" value={settings.historyKeepDays} min={7} max={3650} onSave={(historyKeepDays) => change({ historyKeepDays })} />
                  <NumberSetting key={`u${settings.undoDays}`} label="Way back after a swap, in days" hint="The database that was set aside is kept this long" value={settings.undoDays} min={1} max={90} onSave={(undoDays) => change({ undoDays })} />
                </div>
                <SwitchButton checked={settings.alwaysConfirmByName} onChange={(alwaysConfirmByName) => change({ alwaysConfirmByName })}>Ask for the typed name outside production too</SwitchButton>
              </>
            )}
          </Loaded>
          {error === null ? null : <ErrorPanel error={error} title="The settings were not saved." />}
        </div>
      </section>
      <Upkeep />
    </>
  );
}
