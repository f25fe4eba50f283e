/** What a runbook is shown with where nobody has chosen anything: defaults, and the names of its targets. */
import type { Runbook, Value } from '#shared/domain/runbook/definition.ts';
import type { Binding } from '#shared/domain/runbook/walkthrough.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { secretNamesOf } from './beginning.ts';
import type { Binder } from './binding.ts';
import type { PreviewContext } from './preview.ts';

export function sampleScope(runbook: Runbook, binder: Pick<Binder, 'words'>, titleOfRunbook: PreviewContext['titleOfRunbook']): PreviewContext {
  const values: Record<string, Value> = {};
  for (const { name, default: proposed } of runbook.params) if (proposed !== null) values[name] = proposed;
  const bindings: Record<string, Binding> = {};
  const labels = new Map<string, string>();
  for (const { name, kind, label, default: proposed } of runbook.targets) {
    if (kind === 'http') bindings[name] = { kind, url: proposed ?? 'https://example.invalid' };
    else if (kind === 'ssh') bindings[name] = { kind, hostId: name, label, fingerprint: null };
    else bindings[name] = { kind, databaseId: name, label, database: name, systemIdentifier: null };
    labels.set(name, label);
  }
  // A role stands for whatever it will be given to.
  const words = (binding: Binding): string => (binding.kind === 'http' ? binding.url : (labels.get(binding.kind === 'ssh' ? binding.hostId : binding.databaseId) ?? binder.words(binding)));
  return { scope: { values, secrets: new Map<string, Secret>(), secretNames: new Set(secretNamesOf(runbook)), bindings }, binder: { words }, titleOfRunbook };
}
