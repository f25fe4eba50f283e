import { settings as settingsSchema, type Settings } from '#shared/contract/app.ts';
import type { Database } from './database.ts';

export interface SettingsRepository {
  read(): Settings;
  write(changes: Partial<Settings>): Settings;
  /** Small facts of the engine's own, apart from the settings a person sees. */
  readFact(key: string): unknown;
  writeFact(key: string, value: unknown): void;
}

export function createSettingsRepository(database: Database): SettingsRepository {
  const select = database.prepare<[string], { value_json: string }>('SELECT value_json FROM settings WHERE key = ?');
  const upsert = database.prepare('INSERT INTO settings (key, value_json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json');
  const readFact = (key: string): unknown => {
    const row = select.get(key);
    return row === undefined ? null : JSON.parse(row.value_json);
  };
  const read = () => settingsSchema.parse(readFact('settings') ?? {});
  return {
    read,
    write(changes) {
      const merged = settingsSchema.parse({ ...read(), ...changes });
      upsert.run('settings', JSON.stringify(merged));
      return merged;
    },
    readFact,
    writeFact: (key, value) => void upsert.run(key, JSON.stringify(value)),
  };
}
