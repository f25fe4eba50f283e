/** Commands of a guide as steps. A script that hangs together stays one; what is no command of a shell becomes what it is. */
import { folded } from '#shared/domain/guide/plain.ts';
import { lexShell } from '#shared/domain/runbook/shell-lexer.ts';
import { detectRisk } from '../../rules/index.ts';
import { chunksOf, type Chunk } from './chunks.ts';
import { looksLikeSql, sqlSteps } from './sql.ts';
import { step, type DraftStep } from './step.ts';

const scriptMark = /^#!|^\s*set\s+-[a-z]*[eu]|^\s*(?:function\s+\w+|\w+\s*\(\)\s*\{)/m;
const assignment = /^\s*(?:export\s+|local\s+|readonly\s+)?([A-Za-z_]\w*)=/gm;
const bashOnly = /^#!.*\bbash\b|\[\[|<<<|(?:^|\s)\w+\+?=\(|\$\{\w+\[|pipefail|^\s*function\s|[<>]\(|&>/m;

/** Whether its parts need each other: a variable or a folder that an earlier one sets. */
function hangsTogether(code: string): boolean {
  if (scriptMark.test(code)) return true;
  const chunks = chunksOf(code, '#');
  return chunks.some((chunk, index) => {
    const rest = chunks.slice(index + 1).map((each) => each.code).join('\n');
    if (rest === '') return false;
    if (/^\s*(?:cd|pushd|source|\.)\s/m.test(chunk.code) && !/^\s*\(/.test(chunk.code)) return chunks.slice(index + 1).some((each) => each.code !== '' && !looksLikeSql(each.code) && !isSettings(each.code));
    return [...chunk.code.matchAll(assignment)].some(([, name]) => new RegExp(String.raw`\$\{?${name}\b`).test(rest));
  });
}

/** Lines of a configuration that stand among commands. */
export function isSettings(code: string): boolean {
  const lines = code.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => /^\s*(?:\[[\w. -]+\]|[A-Za-z_][\w.-]*\s+=\s+\S.*|[A-Za-z_][\w.-]*:\s+['"\d\w].*)$/.test(line));
}

/** Prompts in front of commands; what stands between them is what was printed. */
function withoutPrompts(code: string, isConsole: boolean): { code: string; printed: string[] } {
  const lines = code.split('\n');
  // "ana@web:/srv$ ", "ana@web ~ $ ", "[ana@web log]# ": an address that a line of text begins with is none.
  const prompt = /^\s*(?:\[[\w.-]+@[\w.-]+[^\]\n]{0,40}\]\s?[$#%>]|[\w.-]+@[\w.-]+(?::[^\s$#>%]{0,80}| [~/][^\s$#>%]{0,80})?(?:[$#%>]| \$)|\$|%|>>?)\s+(?=\S)/;
  const hash = /^\s*#\s+(?=(?:sudo|apt|systemctl|psql|su|cat|ls|cd|vi|service|pg_)\b)/;
  const mark = lines.some((line) => prompt.test(line)) ? prompt : isConsole && lines.some((line) => hash.test(line)) ? hash : null;
  if (mark === null) return { code, printed: [] };
  const printed: string[] = [];
  let inCommand = false;
  const kept = lines.map((line) => {
    const found = mark.exec(line);
    if (found !== null || inCommand) {
      const bare = found === null ? line.replace(/^\s*>\s/, '') : line.slice(found[0].length);
      inCommand = bare.endsWith('\\');
      return bare;
    }
    if (line.trim() === '' || (/^\s*#/.test(line) && mark !== hash)) return line;
    printed.push(line.trimEnd());
    return '';
  });
  return { code: kept.join('\n'), printed };
}

/** Commands that never end, written so that they do. Of the others the rule book tells. */
const ending: readonly [RegExp, string][] = [
  [/^(\s*(?:sudo\s+)?tail)\s+(?:-[a-zA-Z]*[fF]|--follow(?:=\w+)?)\b(?:\s+-n\s*\d+)?/gm, '$1 -n 200'],
  [/^(\s*(?:sudo\s+)?tail\s+-n\s*\d+)\s+(?:-[fF]|--follow)\b/gm, '$1'],
  [/^(\s*)h?top\s*$/gm, '$1top -b -n 1'],
  [/^(\s*)top((?:\s+-(?!b)\S+(?:\s+\d+)?)*)(?=\s*(?:\||$))/gm, '$1top -b$2'],
  [/^(\s*(?:sudo\s+)?journalctl\b.*?)\s+(?:-f|--follow)\b/gm, '$1 -n 200 --no-pager'],
  [/^(\s*(?:sudo\s+)?(?:docker|podman|kubectl|oc|docker-compose|docker compose)\b.*?\blogs\b.*?)\s+(?:-f|--follow)\b/gm, '$1 --tail=200'],
  [/^(\s*(?:sudo\s+)?)(?:less|more)\s+(\S+)\s*$/gm, '$1tail -n 200 $2'],
  [/^(\s*)watch\s+(?:-n\s*\d+\s+)?(?=\w)/gm, '$1'],
  [/^(\s*(?:sudo\s+)?)redis-server\s*$/gm, '$1systemctl start redis-server'],
  [/^(\s*ping)\s+(?!.*-[a-zA-Z]*c)(?=\S)/gm, '$1 -c 3 '],
];

const editors = /^\s*(?:sudo\s+)?(?:vi|vim|nano|emacs|code|notepad)\s+(\S+)\s*$/;
const barePsql = /^\s*(?:sudo\s+(?:-\w+\s+)*(?:-u\s+\w+\s+)?)?psql(?:\s+(?:-[hUdp]\s*\S+|--\w+=\S+|[\w./-]+))*\s*$/;
const bareRedis = /^\s*(?:redis|valkey)-cli(?:\s+-[hpan]\s+\S+)*\s*$/;
const redisCommand = /^\s*(?:KEYS|GET|MGET|HGETALL|LLEN|LRANGE|SMEMBERS|INFO|DBSIZE|TTL|TYPE|SCAN|FLUSHALL|FLUSHDB|DEL|SET|CONFIG|CLIENT|MEMORY)\b/;

/** A request that asks for one address and nothing else. */
function httpOf(line: string): { method: 'GET' | 'HEAD'; url: string } | null {
  const { commands } = lexShell(line);
  const words = commands.length === 1 ? (commands[0]?.words.map(({ text }) => text) ?? []) : [];
  if (words[0] !== 'curl' || /[|<>&;`$]/.test(line.replaceAll(/"[^"$`]*"|'[^']*'/g, ''))) return null;
  let method: 'GET' | 'HEAD' = 'GET';
  const urls: string[] = [];
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (/^-[fsSLvk]+$|^--(?:fail|silent|show-error|location|fail-with-body)$/.test(word)) {
      if (word.includes('k')) return null;
    } else if (/^-[fsSLv]*I$|^--head$/.test(word)) method = 'HEAD';
    else if (/^(?:-m|--max-time|--connect-timeout)$/.test(word)) at += 1;
    else if (/^(?:-X|--request)$/.test(word) && /^(?:GET|HEAD)$/.test(words[at + 1] ?? '')) at += 1;
    else if (word.startsWith('-')) return null;
    else urls.push(word);
  }
  const [url = ''] = urls;
  const whole = /^https?:\/\//.test(url) ? url : /^(?:localhost|127\.0\.0\.1|\[::1\])[:/]/.test(url) ? `http://${url}` : '';
  return urls.length !== 1 || whole === '' || /[*\0\s]/.test(whole) || !URL.canParse(whole.replaceAll(/<[^>]*>/g, 'x')) ? null : { method, url: whole };
}

const isLocal = (url: string): boolean => /^https?:\/\/(?:localhost|127\.|0\.0\.0\.0|\[::1\]|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[\w-]+(?::|\/|$))/.test(url);

/** The statement that a line gives to psql, where nothing else happens on it; null otherwise. */
function psqlOf(line: string): { statement: string; where: string } | null {
  const found = /^\s*(?:sudo\s+(?:-n\s+)?-u\s+\w+\s+)?psql((?:\s+(?:-[hUdpXAtqw1]+(?:\s+(?!-)[\w./-]+)?|--[\w-]+(?:=\S+)?|-v\s+\w+=\S+|[\w./-]+))*)\s+-c\s*\\?\s*(?:"([^"$`\\]*)"|'([^']*)')\s*(?:#.*)?$/s.exec(line);
  if (found === null) return null;
  const statement = (found[2] ?? found[3] ?? '').trim();
  return statement === '' || statement.startsWith('\\') ? null : { statement, where: (found[1] ?? '').replaceAll(/\s+/g, ' ').trim() };
}

/** Lines of a chunk, with those that go on joined to the one that they go on from. */
function wholeLines(code: string): { text: string; at: number }[] {
  const found: { text: string; at: number }[] = [];
  let quote = '';
  let goesOn = false;
  for (const [at, line] of code.split('\n').entries()) {
    const before = found.at(-1);
    if ((quote !== '' || goesOn) && before !== undefined) before.text += `\n${line}`;
    else found.push({ text: line, at });
    for (let index = 0; index < line.length; index += 1) {
      const sign = line[index] ?? '';
      if (sign === '\\' && quote !== "'") index += 1;
      else if (quote !== '') quote = sign === quote ? '' : quote;
      else if (sign === '"' || sign === "'") quote = sign;
      else if (sign === '#' && (index === 0 || /\s/.test(line[index - 1] ?? ''))) break;
    }
    goesOn = /(?:^|[^\\])\\$|\|\s*$|&&\s*$/.test(line);
  }
  return found;
}

const looking = /^(?:verif|check|test|look|confirm|pruf|uberpruf|kontroll|controll|comprob)/;

/** What a command is about, where no comment says it: "Run df -h". */
function named(code: string): string {
  const line = code.split('\n').find((each) => each.trim() !== '' && !each.startsWith('#!'))?.trim() ?? '';
  return line.length <= 80 ? line : `${line.slice(0, 78)} …`;
}

const made = (code: string): string => {
  let text = code;
  for (const [pattern, instead] of ending) text = text.replaceAll(pattern, instead);
  return text;
};

/** What stands behind a command on its line says what it is for. */
const remarkOf = (line: string): string | null => /\s#\s+([^"'#]{3,80})$/.exec(line)?.[1]?.trim() ?? null;

/** What the lines behind it need, or what goes on over several of them. */
const bound = /^\s*(?:cd|pushd|export|set|source|\.|if|for|while|until|case|then|else|do|done|fi|[{}(]|[A-Za-z_]\w*\+?=|[A-Za-z_]\w*\s*\(\))(?=[\s(]|$|\S*=)/;

function commandSteps(chunk: Chunk, from: number, fallback: string, why: readonly string[]): DraftStep[] {
  const lines = wholeLines(chunk.code).filter(({ text }) => text.trim() !== '');
  // Commands that no comment holds together are a step each: what only looks does not wait for what removes.
  if (chunk.comments.length === 0 && lines.length > 1 && lines.every(({ text }) => !bound.test(text))) {
    return lines.flatMap(({ text, at }, index) => commandSteps({ comments: [], code: text, at: chunk.at + at }, from, '', index === 0 ? [...why, fallback].filter((each) => each !== '') : []));
  }
  const title = chunk.comments.at(-1) ?? (fallback === '' ? named(made(chunk.code)) : fallback);
  const before = [...why, ...chunk.comments.slice(0, -1)];
  const asOne = (script: string, at: number): DraftStep[] => {
    const remarks = lines.map(({ text }) => remarkOf(text)).filter((each) => each !== null);
    const body = made(script);
    const several = wholeLines(body).filter(({ text }) => text.trim() !== '').length > 1;
    // A comment that speaks of looking, above a command that removes, is no title for it.
    if (chunk.comments.length > 0 && looking.test(folded(title)) && detectRisk('sh', body).risk === 'destructive') {
      return [step(from + at, title, { kind: 'manual', text: title }, before), step(from + at, named(chunk.code), { kind: 'sh', script: body, shell: bashOnly.test(body) ? 'bash' : 'sh' }, remarks)];
    }
    return [step(from + at, title, { kind: 'sh', script: several && !/^\s*set\s+-/m.test(body) && !body.startsWith('#!') ? `set -eu\n${body}` : body, shell: bashOnly.test(body) ? 'bash' : 'sh' }, [...before, ...(remarks.length > 1 || (remarks.length === 1 && chunk.comments.length > 0) ? remarks : [])])];
  };
  const requests = lines.map(({ text }) => httpOf(text.trim()));
  if (lines.length > 0 && requests.every((each) => each !== null)) {
    return requests.map((request, index) => step(from + chunk.at + (lines[index]?.at ?? 0), requests.length === 1 ? title : `${title}: ${request.url.replace(/^https?:\/\//, '')}`, { kind: 'http', ...request, through: isLocal(request.url) }, index === 0 ? before : []));
  }
  const statements = lines.map(({ text }) => psqlOf(text));
  if (lines.length > 0 && statements.every((each) => each !== null)) {
    return statements.flatMap((each, index) => {
      const line = from + chunk.at + (lines[index]?.at ?? 0);
      const remark = remarkOf(lines[index]?.text ?? '');
      const where = each.where === '' ? [] : [`The guide asks with psql ${each.where}.`];
      return sqlSteps({ comments: [remark ?? (statements.length === 1 ? title : '')].filter((one) => one !== ''), code: each.statement, at: 0 }, line, '', [...(index === 0 ? before : []), ...where, ...(index === 0 && statements.length > 1 && chunk.comments.length > 0 ? [title] : [])]);
    });
  }
  const opened = lines.length === 1 ? editors.exec(lines[0]?.text ?? '') : null;
  if (opened !== null) return [step(from + chunk.at, title, { kind: 'manual', text: `Edit ${opened[1]}.` }, before)];
  return asOne(chunk.code, chunk.at);
}

/**
 * @param from the line of the guide on which the code begins
 * @param fallback a title for what has no comment
 */
export function shellSteps(code: string, from: number, { fallback, why, isConsole }: { fallback: string; why: readonly string[]; isConsole: boolean }): DraftStep[] {
  const { code: bare, printed } = withoutPrompts(code, isConsole);
  const shown = printed.length === 0 ? [] : [`The guide shows: ${printed.join('\n')}`];
  const chunks = chunksOf(bare, '#').flatMap(splitLanguages);
  if (hangsTogether(bare) && !chunks.some((chunk) => looksLikeSql(chunk.code) || isSettings(chunk.code))) {
    const lines = bare.split('\n');
    const first = lines.findIndex((line) => line.trim() !== '');
    const body = lines.slice(Math.max(0, first)).join('\n').trimEnd();
    return [step(from + Math.max(0, first), fallback === '' ? (chunks.find((chunk) => chunk.comments.length > 0)?.comments[0] ?? named(body)) : fallback, { kind: 'sh', script: made(body), shell: bashOnly.test(body) ? 'bash' : 'sh' }, [...why, ...shown])];
  }
  const steps: DraftStep[] = [];
  let waiting = [...why];
  let client: 'psql' | 'redis' | null = null;
  for (const chunk of chunks) {
    const alone = chunks.filter((each) => each.code !== '').length === 1 ? fallback : '';
    if (chunk.code === '') {
      waiting.push(...chunk.comments);
      continue;
    }
    const text = chunk.code.trim();
    if (barePsql.test(text) || bareRedis.test(text)) {
      client = barePsql.test(text) ? 'psql' : 'redis';
      const index = chunks.indexOf(chunk);
      const next = chunks[index + 1];
      if (next !== undefined && (looksLikeSql(next.code) || redisCommand.test(next.code))) {
        if (next.comments.length === 0) next.comments.push(...chunk.comments);
        else waiting.push(...chunk.comments);
        waiting.push(`The guide types it into ${text}.`);
        continue;
      }
      steps.push(step(from + chunk.at, chunk.comments.at(-1) ?? (alone === '' ? `Open ${text}` : alone), { kind: 'manual', text: `Open ${text}` }, [...waiting, ...chunk.comments.slice(0, -1)]));
    } else if (looksLikeSql(text)) steps.push(...sqlSteps(chunk, from + chunk.at, alone, waiting));
    else if (redisCommand.test(text) && (client === 'redis' || /^[A-Z]+ /.test(text))) {
      const script = chunk.code.split('\n').map((line) => `redis-cli ${line.trim().split(/\s+/).map((word) => (/^[\w:.-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ')}`).join('\n');
      steps.push(step(from + chunk.at, chunk.comments.at(-1) ?? (alone === '' ? named(script) : alone), { kind: 'sh', script, shell: 'sh' }, [...waiting, ...chunk.comments.slice(0, -1)]));
    } else if (isSettings(text)) steps.push(step(from + chunk.at, chunk.comments.at(-1) ?? (alone === '' ? 'Change the configuration' : alone), { kind: 'manual', text: `Set in the configuration:\n${chunk.code}` }, [...waiting, ...chunk.comments.slice(0, -1)]));
    else steps.push(...commandSteps(chunk, from, alone, waiting));
    waiting = [];
  }
  const last = steps.at(-1);
  if (last !== undefined) last.why.push(...waiting.filter((each) => !why.includes(each)), ...shown);
  else if (waiting.length + shown.length > 0) steps.push(step(from, fallback === '' ? 'Read' : fallback, { kind: 'note', text: [...waiting, ...shown].join('\n') }));
  return steps;
}

/** A bare client and what is typed into it are two chunks, and so are lines of a configuration among commands. */
function splitLanguages(chunk: Chunk): Chunk[] {
  const lines = chunk.code.split('\n');
  if (lines.length < 2) return [chunk];
  const [first = ''] = lines;
  const rest = lines.slice(1).join('\n');
  if ((barePsql.test(first) && looksLikeSql(rest)) || (bareRedis.test(first) && redisCommand.test(rest))) return [{ ...chunk, code: first }, { comments: [], code: rest, at: chunk.at + 1 }];
  return [chunk];
}

const commands = /^\s*(?:sudo\s+\S|\$\s|(?:apt(?:-get)?|yum|dnf|apk|brew|npm|npx|yarn|pnpm|pip3?|git|docker|docker-compose|kubectl|helm|systemctl|journalctl|service|psql|pg_dump|pg_dumpall|pg_restore|pg_basebackup|createdb|dropdb|vacuumdb|reindexdb|rsync|scp|ssh|curl|wget|tar|gzip|gunzip|ls|cd|cp|mv|rm|mkdir|chmod|chown|cat|tail|head|grep|awk|sed|find|df|du|free|top|ps|kill|netstat|ss|ip|crontab|pm2|redis-cli|aws|az|gcloud|terraform|ansible(?:-playbook)?|nginx|certbot|openssl|node|python3?|bash|sh|echo|export|uptime|dmesg|lsof|mount|nmap|make)(?:\s|$))/m;

/** Whether a block that does not say its language holds commands. */
export const looksLikeShell = (code: string): boolean => {
  const lines = code.split('\n').filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
  return lines.length > 0 && commands.test(lines[0] ?? '') && !/^\s*[{<[]/.test(code);
};
