/** Requests, web servers and certificates. */
import { define, ofCommands } from './define.ts';
import type { Hit } from './types.ts';

const starts = /^(?:(?:compose )?up\b.*-d\b|up\b.*-d\b|(?:re)?start\b|reload\b)/;
const waits = /--wait\b|--retry\b/;

export const webRules = [
  ofCommands({
    id: 'curl-does-not-fail', title: 'curl that accepts an error of the server', class: 'wrong', names: 'curl',
    explanation: 'curl ends with status 0 for every answer, also for 404 and 500. With -f it fails from 400 on, with -sS it is quiet but for errors, and --max-time ends what hangs.',
    not: /(?:^| )(?:-[a-zA-Z]*f[a-zA-Z]*|--fail\S*|-w|--write-out|-[a-zA-Z]*I[a-zA-Z]*|--head|-V|--version|-[a-zA-Z]*w)(?=[ =]|$)/,
    when: ({ line }) => /https?:\/\/|localhost|127\.0\.0\.1|…/.test(line),
    message: 'curl ends with status 0 also where the server answers 500.', fix: 'Write curl -fsS --max-time 5, and look at the body.', edit: (written) => ({ title: 'Write curl -fsS --max-time 5', text: written.replace(/\bcurl(?:\s+-(?:s|S|sS|Ss))?(?=\s)/, 'curl -fsS --max-time 5') }),
  }),
  ofCommands({
    id: 'socket-io-parameters', title: 'socket.io without its parameters', class: 'wrong', names: 'curl wget', args: /\/socket\.io\/?(?= |$|")/,
    explanation: 'Without EIO and transport it answers 400 also where it works.', message: 'This answers 400 also where it works.', fix: "Write '/socket.io/?EIO=4&transport=polling'.",
  }),
  ofCommands({
    id: 'body-without-type', title: 'A JSON body that is not said to be one', class: 'wrong', names: 'curl', args: /(?:^| )(?:-d|--data\S*)[ =]?\s*['"]?[{[]/, not: /content-type|--json/i,
    explanation: 'curl sends a body of -d as a form, so that a server that reads JSON takes it for empty.',
    message: 'The body is sent as a form: a server that reads JSON does not see it.', fix: "Write -H 'Content-Type: application/json'.",
  }),
  ofCommands({
    id: 'grep-json', title: 'JSON by lines', class: 'wrong', names: 'grep', kinds: ['block'],
    explanation: 'JSON has no lines that one could rely on: on one line all of it is found, and a field of the same name elsewhere too.',
    when: ({ feed }) => feed !== null && /\bcurl\b/.test(feed) && /api\.|\/api\/|\.json\b/.test(feed), message: 'This looks for a line, and JSON may be one line.', fix: 'Write jq -r .body.',
  }),
  define({
    id: 'check-at-once', title: 'A check right after a start', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'What was started needs a while. A check that comes at once fails although all is well, or meets what is about to end.',
    look: ({ commands }) => commands.flatMap((command, at): Hit[] => {
      if (command.name !== 'curl' || waits.test(command.line)) return [];
      const before = commands[at - 1];
      const isStart = before !== undefined && /^(?:docker-compose|docker|podman|systemctl|pm2|service)$/.test(before.name) && starts.test(before.line.replace(/^compose /, '')) && !waits.test(before.line);
      return isStart ? [{ from: command.from, to: command.to, message: 'It is looked at before it can have started.', fix: 'Wait until it answers, for two minutes at most: wait_until in a step, curl --retry 12 --retry-connrefused, or docker compose up --wait.' }] : [];
    }),
  }),
  define({
    id: 'reload-after-failed-test', title: 'Reloaded whether the test passed or not', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'On two lines the second runs also where the first failed: a configuration with a mistake is loaded, or the next restart fails.',
    look: ({ commands, text, mentions }) => commands.flatMap((command, at): Hit[] => {
      const before = commands[at - 1];
      const isTest = before !== undefined && (/^(?:nginx|apachectl|apache2ctl|haproxy|sshd)$/.test(before.name)) && /(?:^| )(?:-t|-c|configtest)(?= |$)/.test(before.line);
      const isReload = (command.name === 'systemctl' || command.name === 'service' || command.name === 'nginx') && /reload|restart/.test(command.line);
      const isTied = before !== undefined && /&&\s*(?:\\\s*)?$/.test(text.slice(before.to, command.from));
      return isTest && isReload && !isTied && !mentions(/^\s*set\s+-\w*e/m) ? [{ from: command.from, to: command.to, message: 'The reload runs also where the test failed.', fix: 'Write nginx -t && systemctl reload nginx.' }] : [];
    }),
  }),
  ofCommands({
    id: 'certbot-dry-run', title: 'certbot --dry-run renews nothing', class: 'wrong', names: 'certbot', args: /--dry-run|--test-cert/, kinds: ['block'],
    explanation: 'It tries against the test servers and keeps nothing: the certificate that is served stays as old as it is.', message: 'Nothing is renewed by this.', fix: 'Look when the certificate ends (openssl s_client … | openssl x509 -noout -enddate), then certbot renew.',
  }),
  ofCommands({
    id: 'ssllabs-host', title: 'ssllabs-scan has no --host', class: 'wrong', names: 'ssllabs-scan ssllabs-scan-v3', args: /--host(?= |=|$)/,
    explanation: 'The host is a word of its own. The result is shown on a public list unless one says otherwise.', message: 'There is no such option.', fix: 'Write ssllabs-scan HOST, and keep it off the public list.',
  }),
  ofCommands({
    id: 'nmap-needs-root', title: 'A scan that needs root and a permission', class: 'wrong', names: 'nmap', args: /(?:^| )-(?:s[SUAFXN]|O|A)\b/, kinds: ['block'],
    explanation: 'Raw packets need root. Scanning what belongs to somebody else needs their consent, also where it is rented.', message: 'This needs root, and the consent of whoever owns the address.', fix: 'Ask for the consent first, and run it with sudo -n.', when: ({ runner }) => !/sudo|doas/.test(runner),
  }),
];
