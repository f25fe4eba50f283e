import { Link } from 'wouter';
import { paths } from '../../components/paths.ts';
import { PageHead, useScreen } from '../../components/screen.tsx';
import { About } from './about.tsx';
import { Appearance } from './appearance.tsx';
import { DataSettings } from './data.tsx';
import { Vault } from './vault.tsx';
import './settings.css';

const sections = [
  { id: 'vault', title: 'Vault', body: Vault },
  { id: 'appearance', title: 'Appearance', body: Appearance },
  { id: 'data', title: 'Data', body: DataSettings },
  { id: 'about', title: 'About', body: About },
] as const;

export function SettingsScreen({ section }: { section: string | null }) {
  const shown = sections.find(({ id }) => id === section) ?? sections[0];
  useScreen({ screen: `Settings, ${shown.title.toLowerCase()}`, system: null });
  const Body = shown.body;
  return (
    <div className="page dense">
      <PageHead title="Settings" />
      <div className="settings">
        <nav aria-label="Settings">
          <ul>
            {sections.map(({ id, title }) => <li key={id}><Link to={paths.settingsSection(id)} {...(id === shown.id ? { 'aria-current': 'page' as const } : {})}>{title}</Link></li>)}
          </ul>
        </nav>
        <div className="stack wide"><Body /></div>
      </div>
    </div>
  );
}
