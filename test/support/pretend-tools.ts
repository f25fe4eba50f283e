/**
 * Tools of servers that no test machine has, as far as the packs use them: they keep what they were told in a file, refuse
 * by name what they do not know, and can be made to fail. Run as `node pretend-tools.ts TOOL ARGUMENT…`.
 */
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, exit, stderr, stdout } from 'node:process';

export interface PretendState {
  /** kubectl: replicas of each deployment. */
  deployments: Record<string, number>;
  /** kubectl: rollouts that fail from now on. */
  failingRollouts: number;
  log: string;
  /** docker: the id of each name; what runs; images that do not come up. */
  images: Record<string, string>;
  running: { image: string; isUp: boolean };
  broken: string[];
  /** pm2: the process of each name, 0 where it is stopped. */
  processes: Record<string, number>;
  failingTests: boolean;
  /** Every call, in order. */
  calls: string[];
}

export const freshState: PretendState = { deployments: {}, failingRollouts: 0, log: '', images: {}, running: { image: '', isUp: true }, broken: [], processes: {}, failingTests: false, calls: [] };

class Refusal extends Error {}
const refuse = (why: string): never => {
  throw new Refusal(why);
};

type Tool = (args: readonly string[], state: PretendState) => string;

/** Words that are no options and no values of options. */
function wordsOf(args: readonly string[], options: readonly string[]): string[] {
  return args.filter((each, index) => !each.startsWith('-') && !options.includes(args[index - 1] ?? ''));
}

const kubectl: Tool = (args, state) => {
  const [verb = '', ...more] = wordsOf(args, ['-n', '-l', '-o']);
  const output = args[args.indexOf('-o') + 1] ?? '';
  const known = (name: string): number => state.deployments[name] ?? refuse(`deployments.apps "${name}" not found`);
  const selected = /app in \(([^)]*)\)|app=(\S+)/.exec(args[args.indexOf('-l') + 1] ?? '');
  const apps = (selected?.[1] ?? selected?.[2] ?? '').split(',').filter((name) => name !== '');
  switch (verb) {
    case 'get':
      if (more[0] === 'pods' && output.includes('.status.phase')) return apps.map((name) => 'Running true\n'.repeat(known(name))).join('');
      if (more[0] === 'endpointslices') return Object.entries(state.deployments).map(([name, count]) => `${name} ${'true,'.repeat(count)}\n`).join('');
      if (more[0] !== 'deploy') return refuse(`get ${more[0]}`);
      if (output.includes('range .items')) return more.slice(1).map((name) => `${name}=${known(name)}\n`).join('');
      return output.replace('jsonpath=', '').replace(/\{\.(?:items\[\*\]\.)?spec\.replicas\}/, more.slice(1).map(known).join(' '));
    case 'scale': {
      const count = /^--replicas=(\d+)$/.exec(args.find((each) => each.startsWith('--replicas=')) ?? '')?.[1] ?? refuse('no number of replicas');
      return more.slice(1).map((name) => (known(name), (state.deployments[name] = Number(count)), `deployment.apps/${name} scaled\n`)).join('');
    }
    case 'wait':
      return apps.every((name) => known(name) === 0) ? 'pod condition met\n' : refuse('timed out waiting for the condition');
    case 'rollout': {
      const names = more.slice(1).map((each) => each.replace('deployment/', ''));
      if (more[0] !== 'status') return names.map((name) => (known(name), `deployment.apps/${name} ${more[0] === 'undo' ? 'rolled back' : 'restarted'}\n`)).join('');
      if (state.failingRollouts > 0) return (state.failingRollouts -= 1), refuse('timed out waiting for the condition');
      return names.map((name) => (known(name), `deployment "${name}" successfully rolled out\n`)).join('');
    }
    case 'logs':
      return state.log;
    default:
      return refuse(verb);
  }
};

const docker: Tool = (args, state) => {
  const imageOf = (name: string): string => state.images[name] ?? Object.values(state.images).find((id) => id === name) ?? refuse(`No such image: ${name}`);
  const command = wordsOf(args, ['-f', '--wait-timeout', '--pull', '--status']).slice(0, 2).join(' ');
  const last = args.at(-1) ?? '';
  if (args[0] === 'tag') return (state.images[last] = imageOf(args[1] ?? '')), '';
  if (args[0] === 'pull') return (state.images[last] = imageOf(`registry/${last}`)), `Status: Downloaded newer image for ${last}\n`;
  switch (command) {
    case 'image inspect':
      return args.includes('{{.Id}}') ? `sha256:${imageOf(last)}\n` : refuse(`a format other than {{.Id}}: ${args.join(' ')}`);
    case 'compose images':
      return args.includes('-q') ? `${state.running.image}\n` : `webapp hydraulic/webapp latest ${state.running.image.slice(0, 12)}\n`;
    case 'compose ps':
      return state.running.isUp ? `${state.running.image.slice(0, 12)}\n` : '';
    case 'compose stop':
    case 'compose start':
      return (state.running.isUp = command.endsWith('start')), '';
    case 'compose up': {
      const image = imageOf('hydraulic/webapp:latest');
      state.running = { image, isUp: !state.broken.includes(image) };
      return state.running.isUp ? '' : refuse('container webapp-1 is unhealthy');
    }
    case 'compose run':
      return 'migrated\n';
    default:
      return refuse(command);
  }
};

const pm2: Tool = ([verb = '', name = ''], state) => {
  const process = state.processes[name] ?? refuse(`[PM2][ERROR] Process or Namespace ${name} not found`);
  if (verb === 'pid') return `${process}\n`;
  if (!['start', 'stop', 'restart'].includes(verb)) return refuse(verb);
  state.processes[name] = verb === 'stop' ? 0 : 4000 + state.calls.length;
  return `[PM2] Applying action ${verb} on app [${name}]\n`;
};

const npm: Tool = (args, state) => (args.join(' ') === 'test' && state.failingTests ? refuse('1 of 40 tests failed') : ['ci', 'run build', 'test', 'run migrate'].includes(args.join(' ')) ? 'done\n' : refuse(args.join(' ')));
const npx: Tool = (args) => (args.join(' ') === 'prisma migrate deploy' ? 'No pending migrations to apply.\n' : refuse(args.join(' ')));

/** Of a folder into a folder; `--dry-run` names the files that differ. */
const rsync: Tool = (args) => {
  const [from = '', to = ''] = args.slice(-2);
  const link = args.find((each) => each.startsWith('--link-dest='))?.slice('--link-dest='.length);
  if (link !== undefined && !statSync(link).isDirectory()) return refuse(`--link-dest ${link} is no folder`);
  if (!from.endsWith('/') || !to.endsWith('/')) return refuse('a folder beside what is in it');
  const files = (readdirSync(from, { recursive: true }) as string[]).filter((name) => statSync(join(from, name)).isFile());
  if (!args.includes('--dry-run')) return (cpSync(from, to, { recursive: true }), '');
  return files.filter((name) => !existsSync(join(to, name)) || !readFileSync(join(to, name)).equals(readFileSync(join(from, name)))).map((name) => `>f+++++++++ ${name}\n`).join('');
};

export const pretendTools: Record<string, Tool> = { kubectl, docker, pm2, npm, npx, rsync };

function main([tool = '', ...args]: readonly string[], file: string): number {
  const state: PretendState = existsSync(file) ? { ...freshState, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<PretendState>) } : freshState;
  state.calls.push([tool, ...args].join(' '));
  try {
    const said = pretendTools[tool]?.(args, state) ?? refuse('no such tool');
    stdout.write(said);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    stderr.write(`${tool}: ${error.message}\n`);
    return 1;
  } finally {
    writeFileSync(file, JSON.stringify(state));
  }
}

const [, script = '', ...given] = argv;
if (script.endsWith('pretend-tools.ts')) exit(main(given, env['PRETEND_STATE'] ?? ''));
