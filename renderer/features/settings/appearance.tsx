import { ErrorPanel } from '../../components/error-panel.tsx';
import { Segments } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { useSettings } from './use-settings.ts';

const themes = [{ value: 'system', label: 'As the system' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }] as const;

export function Appearance() {
  const { query, change, error } = useSettings();
  return (
    <section className="panel" aria-labelledby="appearance">
      <header><h2 id="appearance">Appearance</h2></header>
      <div className="body stack">
        <Loaded query={query} what="the settings">
          {({ settings }) => (
            <div className="stack">
              <span className="label">Theme</span>
              <Segments label="Theme" value={settings.theme} onChange={(theme) => change({ theme })} options={themes} />
              <p className="hint">Text size follows the zoom of the window. Motion is left out where the system asks for less of it.</p>
            </div>
          )}
        </Loaded>
        {error === null ? null : <ErrorPanel error={error} />}
      </div>
    </section>
  );
}
