import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCall } from '../../scripts/dist/call.ts';
import { architectures, nameOf, platforms } from '../../scripts/dist/targets.ts';
import { projectRoot } from '../../scripts/house/layers.ts';

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  permissions?: unknown;
  'timeout-minutes'?: number;
  strategy: { matrix: { os?: string[]; include?: { os: string; call: string }[] } };
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: unknown;
  jobs: Record<string, Job>;
}

const folder = join(projectRoot, '.github', 'workflows');
const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
const workflows = texts.map((text) => parse(text) as Workflow);
const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
const steps = jobs.flatMap((job) => job.steps);
const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const [proof] = workflows;

describe('what runs where the project is published', () => {
  it('calls scripts that there are', () => {
    const called = steps.flatMap(({ run = '' }) => [...run.matchAll(/\bnpm (?:run (?:-s )?)?([\w:-]+)/g)].map(([, name = '']) => name));
    expect([...new Set(called)].sort()).toEqual(['build', 'dist', 'smoke:desktop', 'test']);
    expect(called.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('tests, walks the real window and makes packages on each platform', () => {
    expect([proof?.jobs['tests']?.strategy.matrix.os, proof?.jobs['window']?.strategy.matrix.os]).toEqual([
      ['ubuntu-24.04', 'macos-15', 'windows-2025'],
      ['ubuntu-24.04', 'macos-15', 'windows-2025'],
    ]);
    const made = (proof?.jobs['packages']?.strategy.matrix.include ?? []).map(({ call }) => parseCall(call.split(' ')));
    const names = made.map((call) => ('usage' in call ? call.usage : nameOf(call.target)));
    expect(names.sort()).toEqual(platforms.flatMap((platform) => architectures.map((architecture) => nameOf({ platform, architecture }))).sort());
  });

  it('may read the project, and nothing else', () => {
    expect(workflows.map(({ permissions }) => permissions)).toEqual(workflows.map(() => ({ contents: 'read' })));
    expect(jobs.filter((job) => job.permissions !== undefined)).toEqual([]);
    expect(steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@')).map((step) => step.with)).toEqual(jobs.map(() => ({ 'persist-credentials': false })));
  });

  it('knows no secret, and runs nothing with the rights of the project for a change from outside', () => {
    expect(texts.filter((text) => /secrets\.|pull_request_target|id-token/.test(text))).toEqual([]);
  });

  it('takes every action in one version, from those who made the service', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^actions\/[\w-]+@v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  it('puts nothing that a stranger wrote into a command', () => {
    const put = steps.flatMap(({ run = '' }) => [...run.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)].map(([, expression]) => expression));
    expect(new Set(put)).toEqual(new Set(['matrix.call']));
  });

  it('never runs for ever', () => {
    expect(jobs.filter((job) => typeof job['timeout-minutes'] !== 'number')).toEqual([]);
  });

  it('keeps what it made and saw', () => {
    const kept = steps.filter(({ uses = '' }) => uses.startsWith('actions/upload-artifact@')).map((step) => step.with?.['path']);
    expect(kept).toEqual(['smoke', 'dist/installers']);
  });
});
