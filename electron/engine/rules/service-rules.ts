/** Services, processes and containers. */
import { define, ofCommands } from './define.ts';
import type { Hit } from './types.ts';

export const serviceRules = [
  ofCommands({
    id: 'no-such-unit', title: 'A unit that does not exist', class: 'wrong', names: 'systemctl service', args: /(?:^| )pm2(?:\.service)?(?= |$)/,
    explanation: 'pm2 startup makes a unit with the name of the user: pm2-USER. There is none named pm2, so that this always fails.', message: 'There is no unit "pm2": it is called pm2-USER.', fix: 'Write systemctl is-active pm2-USER, or pm2 jlist.',
  }),
  ofCommands({
    id: 'status-for-people', title: 'systemctl status', class: 'wrong', names: 'systemctl', args: /^status\b/,
    explanation: 'It prints for people, may wait for a pager, and its form changes. is-active and show are meant for scripts.', message: 'It prints for people, and waits where there is a pager.', fix: 'Write systemctl is-active NAME, or systemctl show -p ActiveState NAME.', edit: (written) => ({ title: 'Write is-active', text: written.replace(/\bstatus\b/, 'is-active') }),
  }),
  ofCommands({
    id: 'kill-port-both-ends', title: 'Whoever uses a port is killed', class: 'wrong', names: 'kill', kinds: ['step', 'block'],
    explanation: 'lsof -i:PORT finds both ends of each connection: clients of that port are killed too, and -9 lets nobody finish.',
    when: ({ raw }) => /\blsof\b[^)]*-\w*i\w*[ :=]*\S*:\d+/.test(raw) && !/LISTEN/.test(raw),
    message: 'The clients of the port are killed too, and nobody can finish what he does.', fix: 'Write lsof -t -iTCP:PORT -sTCP:LISTEN, show that process, send SIGTERM, and wait.',
  }),
  ofCommands({
    id: 'kill-nine', title: 'kill -9', class: 'wrong', names: 'kill pkill killall', args: /(?:^| )(?:-9|-KILL|-SIGKILL|-s (?:9|KILL|SIGKILL))(?= |$)/,
    explanation: 'The process cannot write what it has, nor remove its locks. A database is damaged or recovers for long.', message: 'It cannot finish what it is doing.', fix: 'Send SIGTERM, wait, and look; SIGKILL is the last way.',
  }),
  define({
    id: 'export-then-restart', title: 'export before pm2 restart', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'pm2 keeps the environment of the first start: the new value is not taken without --update-env, and is lost with the next boot. It also stays in the history of the shell, and a new signing secret logs everybody out.',
    look: ({ commands }) => commands.flatMap((command, at): Hit[] => {
      if (command.name !== 'pm2' || !/^(?:restart|reload)\b/.test(command.line) || command.line.includes('--update-env')) return [];
      const exported = commands.slice(Math.max(0, at - 3), at).find(({ name }) => name === 'export');
      return exported === undefined ? [] : [{ from: exported.from, to: command.to, message: 'pm2 does not take the new value, and it is gone with the next boot.', fix: 'Write it into the environment file, then pm2 restart NAME --update-env and pm2 save.' }];
    }),
  }),
  ofCommands({
    id: 'pm2-scale-total', title: 'pm2 scale sets the total', class: 'wrong', names: 'pm2', args: /^scale \S+ \d+/,
    explanation: 'A number is the total, +number adds, and it works in cluster mode alone.', message: 'This sets the total, and works in cluster mode alone.', fix: 'Write +2 to add two, and say that it is the total otherwise.', kinds: ['block'],
  }),
  ofCommands({
    id: 'pm2-all', title: 'Everything of pm2', class: 'wrong', names: 'pm2', args: /^(?:stop|start|restart|reload|delete)\b.* ?\ball(?= |$)/,
    explanation: 'all is every application of that user, also those that have nothing to do with this.', message: 'This touches applications that have nothing to do with it.', fix: 'Name them, and use pm2 reload where they run in cluster mode.',
  }),
  ofCommands({
    id: 'compose-v1', title: 'docker-compose', class: 'wrong', names: 'docker-compose',
    explanation: 'Version 1 of compose is retired since 2023 and gone from most systems. The plugin is called docker compose.', message: 'docker-compose is retired: it is docker compose.', fix: 'Write docker compose.', edit: (written) => ({ title: 'Write docker compose', text: written.replace('docker-compose', 'docker compose') }),
  }),
  define({
    id: 'down-before-up', title: 'Taken down before it is started again', class: 'wrong', languages: ['sh', 'yaml'],
    explanation: 'down stops and removes everything before the new images are known to start. up replaces only what changed.',
    look: ({ commands }) => commands.flatMap((command, at): Hit[] => {
      const next = commands.slice(at + 1, at + 4);
      const isCompose = command.name === 'docker-compose' || (command.name === 'docker' && command.line.startsWith('compose'));
      return isCompose && /(?:^| )down(?= |$)/.test(command.line) && next.some((each) => /(?:^| )up(?= |$)/.test(each.line)) ? [{ from: command.from, to: command.to, message: 'Everything is down before the new images are known to start.', fix: 'Write docker compose pull && docker compose up -d --wait.' }] : [];
    }),
  }),
  ofCommands({
    id: 'floating-tag', title: 'An image by a tag that moves', class: 'wrong', names: 'docker podman', args: /^(?:pull|run|tag)\b.*:(?:latest|current|previous|stable)(?= |$)/,
    explanation: 'latest, current and previous name whatever was pushed or tagged last. Nothing makes "previous", so that there is no way back.', message: 'Nobody knows which image this is, nor which one was before.', fix: 'Name the version or the digest, and write down the last one that was good.',
  }),
  ofCommands({
    id: 'fixed-replicas', title: 'A number of replicas that is written down', class: 'wrong', names: 'kubectl oc', args: /^scale\b.*--replicas[= ][1-9]/,
    explanation: 'It fights an autoscaler, and is wrong as soon as somebody changed the deployment.', message: 'The number may not be the one that was there before.', fix: 'Remember what was there before scaling down, or use kubectl rollout restart where no full stop is needed.',
  }),
  ofCommands({
    id: 'sleep-instead-of-wait', title: 'Waiting by guess', class: 'wrong', names: 'sleep', args: /^(?:[3-9]|\d{2,})\w?$/,
    explanation: 'It is too long on a good day and too short on a bad one.', message: 'A fixed time is too short on a bad day.', fix: 'Wait until it is so, with an end: kubectl wait --timeout, docker compose up --wait, wait_until in a step.',
    when: (command, { text }) => !/^[ \t]*(?:while|until|for)\b/m.test(text.slice(Math.max(0, command.from - 400), command.from)),
  }),
  ofCommands({
    id: 'redis-keys', title: 'KEYS in Redis', class: 'wrong', names: 'redis-cli valkey-cli', args: /(?:^| )keys(?= )/i,
    explanation: 'KEYS looks through all keys while nobody else is served.', message: 'Nobody else is served while all keys are looked through.', fix: "Write redis-cli --scan --pattern 'bull:*'.",
  }),
  define({
    id: 'second-line-not-run', title: 'A line meant for the program before it', class: 'language', languages: ['sh'],
    explanation: 'A program that waits for input is left first, and then the shell takes the next line for a command of its own. What it should do is given on its line.',
    look: ({ commands }) => commands.flatMap((command, at): Hit[] => {
      const before = commands[at - 1];
      const isRedis = /^(?:KEYS|GET|SET|DEL|LLEN|LRANGE|HGETALL|INFO|FLUSHALL|FLUSHDB|SCAN|TTL|TYPE|CONFIG|MONITOR|PING|DBSIZE)$/.test(command.name);
      if (!isRedis || before === undefined || !/^(?:redis|valkey)-cli$/.test(before.name)) return [];
      return [{ from: command.from, to: command.to, message: `"${command.name}" is for redis-cli, and the shell would run it.${command.name === 'KEYS' ? ' KEYS also stops everybody else, and the keys of Bull begin with "bull:".' : ''}`, fix: command.name === 'KEYS' ? "Write redis-cli --scan --pattern 'bull:*'." : `Write redis-cli ${command.name}.` }];
    }),
  }),
];
