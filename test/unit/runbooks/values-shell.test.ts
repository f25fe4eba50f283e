/** Where a value stands in a script, and whether it can stand there. */
import { describe, expect, test } from 'vitest';
import { compileScript, shellUses, variableUses, whyNoVariable, whyNotHere } from '#shared/domain/runbook/shell-context.ts';

const contexts = (script: string): string => shellUses(script).map(({ context }) => context).join(', ');

describe('a value in a script', () => {
  test.each([
    ['echo {{ x }}', 'bare'], ['echo pre_{{ x }}_old', 'bare'], ['echo "{{ x }}"', 'double'], [`echo '{{ x }}'`, 'single'], [`echo 'a'"{{ x }}"'b'`, 'double'], ['# {{ x }}\necho {{ x }}', 'comment, bare'], ['echo a#{{ x }}', 'bare'],
    ['cat <<EOF\n{{ x }} "{{ x }}"\nEOF\necho {{ x }}', 'heredoc, heredoc, bare'], [`cat <<'EOF'\n{{ x }}\nEOF\necho {{ x }}`, 'quoted-heredoc, bare'], ['cat <<-\\EOF\n{{ x }}\n\tEOF\necho {{ x }}', 'quoted-heredoc, bare'], [`cat <<A <<'B'\n{{ x }}\nA\n{{ x }}\nB\nls {{ x }}`, 'heredoc, quoted-heredoc, bare'],
    ['echo $(( {{ x }} + 1 ))', 'arithmetic'], ['echo $[ {{ x }} ]', 'arithmetic'], ['(( {{ x }} > 1 ))', 'arithmetic'], ['[[ {{ x }} -eq 1 ]]', 'arithmetic'], ['[[ {{ x }} == a ]]', 'bare'], ['[ {{ x }} -eq 1 ]', 'bare'], ['let {{ x }}', 'arithmetic'], ['unset {{ x }}', 'arithmetic'], ['declare -i n={{ x }}', 'arithmetic'], ['export n={{ x }}', 'bare'], ['test -v {{ x }}', 'arithmetic'], ['a[{{ x }}]=1', 'arithmetic'], ['a=([{{ x }}]=1 {{ x }})', 'arithmetic, bare'], ['for ((i = 0; i < {{ x }}; i++)); do :; done', 'arithmetic'], ['declare pre{{ x }}', 'arithmetic'], ['declare n={{ x }}', 'bare'], ['let n=({{ x }}a)', 'arithmetic'], ['$run {{ x }}', 'code'], ['$(choose) $run {{ x }} {{ x }}', 'code, code'], ['$run systemctl stop {{ x }}', 'bare'], ['declare -a n=({{ x }})', 'arithmetic'], ['n=({{ x }} b)', 'bare'], ['declare -i n\nn={{ x }}', 'arithmetic'], ['typeset -ri n=1; for n in {{ x }}; do :; done', 'arithmetic'],
    ['echo "$(ls {{ x }})"', 'bare'], ['echo "`ls {{ x }}`"', 'bare'], ['echo "`ls \\`pwd\\` {{ x }}`"', 'escaped'], ['a=$(cat <<EOF\n{{ x }}\nEOF\n)\nls {{ x }}', 'heredoc, bare'], ['echo $( (ls {{ x }}) )', 'bare'],
    ['echo \\{{ x }}', 'escaped'], ['echo ${{ x }}', 'escaped'], ['echo "\\{{ x }}"', 'escaped'], ['echo "${{ x }}"', 'escaped'], [`echo $'a\\'{{ x }}'`, 'escaped'], [`echo $'a{{ x }}'`, 'single'],
    ['echo ${a:-{{ x }}}', 'expansion'], ['cat <<{{ x }}\n', 'expansion'],
    ['for u in {{ x }}; do ls {{ x }}; done', 'bare, bare'], ['case {{ x }} in a) ls {{ x }};; {{ x }}) ls;; esac; ls {{ x }}', 'bare, bare, bare, bare'], ['f() { ls {{ x }}; }', 'bare'], ['a=({{ x }} "{{ x }}")', 'bare, double'], ['cat <(ls {{ x }})', 'bare'], ['ls {{ x }} >{{ x }} 2>&1', 'bare, bare'],
    [`kubectl get -o go-template='{{ "{{" }}.name}}' {{ x }}`, 'bare'],
  ])('%j stands %s', (script, expected) => {
    expect(contexts(script)).toBe(expected);
  });

  test.each([
    'eval {{ x }}', 'eval "ls {{ x }}"', 'trap "rm {{ x }}" EXIT', 'alias l={{ x }}', '. {{ x }}', 'sh -c "ls {{ x }}"', 'bash -euo pipefail -c "ls {{ x }}"', '/bin/dash -c {{ x }}', 'bash {{ x }}', 'busybox ash -c "{{ x }}"', 'zsh -lc "{{ x }}"',
    'su -c {{ x }}', 'su - shop -c "ls {{ x }}"', 'su shop --command="ls {{ x }}"', 'ssh web ls {{ x }}', 'ssh -p 22 shop@web "ls {{ x }}"', 'ssh -o ProxyCommand={{ x }} web', 'sshpass -f p ssh web {{ x }}',
    'psql -c "select {{ x }}"', 'psql -d shop -tAc "select {{ x }}"', 'psql --command="{{ x }}"', 'psql --command {{ x }}', 'sudo -u postgres psql -qAt -c {{ x }}', 'mysql -Nse "{{ x }}"', 'mysql --execute={{ x }}', 'sqlite3 a.db "{{ x }}"', 'redis-cli eval "{{ x }}" 0', 'mongosh shop --eval "{{ x }}"',
    'awk "/{{ x }}/" log', 'awk -F: "{{ x }}" log', 'sed -i s/a/{{ x }}/ f', 'sed -ne "{{ x }}p" f', 'sed -e s/a/b/ -e {{ x }} f', 'perl -pi -e "{{ x }}" f', 'perl -lane "{{ x }}"', 'python3 -c "print({{ x }})"', 'node -e "{{ x }}"', 'ruby -e {{ x }}', 'php -r "{{ x }}"', 'jq ".a == {{ x }}" f', 'jq -r --arg a b "{{ x }}" f',
    'find . -exec {{ x }} \\;', 'find . -exec sh -c "rm {{ x }}" \\;', 'xargs -I {} sh -c "a {{ x }}"', 'xargs {{ x }}', 'env A=1 {{ x }}', 'sudo {{ x }}', 'sudo -u root {{ x }}', 'nohup {{ x }} &', 'timeout 5 {{ x }}', 'timeout -k 2 5 bash -c {{ x }}', 'nice -n 5 {{ x }}', '{{ x }} ls', 'A=b {{ x }}', 'if true; then {{ x }}; fi', 'docker exec db sh -c "{{ x }}"', 'kubectl exec p -- sh -c {{ x }}', 'watch {{ x }}', 'for {{ x }} in a; do :; done', 'BASH_ENV={{ x }} ls', 'env PATH={{ x }} ls', 'rsync -e "ssh {{ x }}" a b', 'tar --to-command={{ x }} -xf a',
    'echo {{ x }} | sh', 'echo "{{ x }}" | sudo -u postgres psql', '{ echo {{ x }}; } | psql', '(echo {{ x }}; ls) | bash -s', 'if a; then echo {{ x }}; fi | sh', 'echo {{ x }} | while read -r a; do sh; done', 'echo {{ x }} | { cat; sh; }', 'echo {{ x }} | tee a | mysql', 'printf %s {{ x }} | ssh web', 'echo {{ x }} |\n  sh', 'for a in b; do echo {{ x }}; done | sh',
    'env -S {{ x }}', 'sudo env -S {{ x }}', 'coproc {{ x }}', 'time -p {{ x }}', 'docker exec -u shop web {{ x }}', 'docker compose exec -T web {{ x }} -v', 'kubectl exec -n shop web -- {{ x }}', 'find {{ x }} -exec sh -c "ls {}" \\;', 'echo {{ x }} | xargs -I{} sh -c "ls {}"', 'echo {{ x }} | xargs sudo', 'echo {{ x }} | while read -r a; do eval "$a"; done', 'echo {{ x }} | while read -r a; do sh -c "$a"; done', 'echo {{ x }} | dc', 'systemd-run -u a {{ x }}', 'hash -p {{ x }} ls',
    'sh <<EOF\nls {{ x }}\nEOF', 'psql shop <<EOF\nselect {{ x }};\nEOF', 'ssh web <<EOF\nls {{ x }}\nEOF', 'bash <<< {{ x }}', 'bash <(echo {{ x }})', '. <(echo {{ x }})', `ls; sudo -u postgres psql -d shop <<-EOF\n\tselect {{ x }}\n\tEOF`, 'sh -c "$(echo {{ x }})"', 'mysql shop -e "$(cat <<EOF\nselect {{ x }}\nEOF\n)"',
  ])('%j is run by somebody', (script) => {
    expect([contexts(script), shellUses(script).map((use) => whyNotHere(use))]).toEqual(['code', [expect.stringContaining('is run by somebody')]]);
  });

  test.each([
    `sh -c 'ls "$1"' sh {{ x }}`, 'psql -v id={{ x }} -f report.sql', 'psql -d {{ x }} -f a.sql', "awk -v a={{ x }} '{ print a }' {{ x }}", 'sed -n 1p {{ x }}', 'sed -f a.sed {{ x }}', 'ssh -p 22 -i key {{ x }} uptime', 'jq --arg a {{ x }} .b f', 'perl clean.pl {{ x }}', 'python3 job.py --day {{ x }}', 'sudo -u {{ x }} ls', 'timeout {{ x }} ls', '/opt/{{ x }}/bin/run', 'echo {{ x }} | grep a', 'grep -c {{ x }} log | sort', 'psql -f a.sql -c "select 1" </dev/null; ls {{ x }}', 'ls {{ x }}; ls | sh', 'sh build.sh {{ x }}', 'pgrep -x {{ x }}', 'env A={{ x }} ls', 'command -v {{ x }}', 'docker exec -u {{ x }} {{ x }} ls {{ x }}', 'kubectl exec {{ x }} -- ls {{ x }}', 'echo {{ x }} | xargs rm --', 'find {{ x }} -name a -exec rm {} +', 'rm -- {{ x }}', 'kubectl get node {{ x }}', 'kubectl drain node {{ x }} --force', 'npm run watch {{ x }}', 'echo look at {{ x }} | sort',
  ])('%j is passed on as it is', (script) => {
    expect(shellUses(script).map((use) => [use.context, whyNotHere(use)])).toEqual(shellUses(script).map(() => ['bare', null]));
  });

  test.each([['$('], ['"$('], ['${a:-'], ['('], ['$(('], ['`'], ['case a in b) '], ['{{ x }}'], ['x|sh {{ a }} ']])('is found in no place at all where %j is nested without end, and soon', (piece) => {
    const started = performance.now();
    const script = `${piece.repeat(5000)} {{ last }}`;
    const uses = shellUses(script);
    expect([uses.some(({ name }) => name === 'last'), performance.now() - started < 5000]).toEqual([true, true]);
  });
  test('is refused where brackets are nested deeper than is followed', () => {
    expect(contexts(`${'ls $('.repeat(60)}ls {{ x }}`)).toBe('escaped');
  });
});

describe('the variable of a value, written by the author', () => {
  test.each([
    ['echo "$x" $x ${x}', 'double, bare, bare'], [`echo '$x'`, ''], ['eval "$x"', 'code'], ['sh -c "ls $x"', 'code'], [`sh -c 'ls $x'`, ''], ['echo $(( x + 1 ))', 'arithmetic'], ['echo ${a[x]}', 'arithmetic'], ['echo ${!x}', 'code'], ['echo ${x@P}', 'code'], ['echo ${a:x}', 'arithmetic'], ['echo ${x:-none} ${#x}', 'bare, bare'], ['cat <<EOF\n$x\nEOF', 'heredoc'],
  ])('%j stands %s', (script, expected) => {
    expect(variableUses(script, new Set(['x'])).map(({ context }) => context).join(', ')).toBe(expected);
  });
});

const compiled = (script: string, values: Parameters<typeof compileScript>[1]): unknown => {
  const found = compileScript(script, values);
  return 'fault' in found ? found.fault : found;
};

describe('a script with its values', () => {
  test('assigns those that it names, quoted, and stands for their text', () => {
    expect(compiled('ls {{ x }}_old "{{ x }}" $y # {{ z }}\ncat <<EOF\n{{ x }}\nEOF\n', { x: "it's", y: 3, z: 'never', w: 'unused' })).toEqual({ prelude: "x='it'\\''s'\ny=3\n", body: 'ls "${x}"_old "${x}" $y # z\ncat <<EOF\n${x}\nEOF\n' });
  });
  test('has the words of a list one after another', () => {
    expect(compiled('pm2 stop {{ units }}; for u in {{ units }}; do :; done', { units: ['a b', 'c'] })).toEqual({ prelude: "pilothouse_units_1='a b'\npilothouse_units_2=c\n", body: 'pm2 stop "${pilothouse_units_1}" "${pilothouse_units_2}"; for u in "${pilothouse_units_1}" "${pilothouse_units_2}"; do :; done' });
  });
  test('has nothing where a list is empty', () => {
    expect(compiled('ls {{ units }}', { units: [] })).toEqual({ prelude: '', body: 'ls ' });
  });
  test.each([['echo "{{ units }}"'], ['echo pre{{ units }}'], ['x={{ units }}'], ['ls >{{ units }}'], ['cat <<EOF\n{{ units }}\nEOF'], ['echo $units'], ['[[ {{ units }} ]]']])('takes no list in %j', (script) => {
    expect(compiled(script, { units: ['a'] })).toContain('is a list');
  });
  test('pastes what is raw', () => {
    expect(compiled('ls {{ options | raw }}', { options: '-l -a' })).toEqual({ prelude: '', body: 'ls -l -a' });
  });
  test('takes numbers, yes and no where it calculates', () => {
    expect([compiled('echo $(( n + 1 ))', { n: 3 }), compiled('echo $(( n + 1 ))', { n: '3' })]).toEqual([{ prelude: 'n=3\n', body: 'echo $(( n + 1 ))' }, expect.stringContaining('reads a formula')]);
  });
  test.each([
    ['ls {{ nobody }}', {}, '"nobody" has no value'], ['ls {{ x }}', { x: 'a\0b' }, 'NUL'], ['ls {{ x | ident }}', { x: 'a' }, 'is for sql steps'], [`echo '{{ x }}'`, { x: 'a' }, 'single quotes'], ['sh -c "$x"', { x: 'a' }, 'is run by somebody'], ['ls {{ x', { x: 'a' }, 'not closed'], ['x=1; ls {{ x }}', { x: 'a' }, 'gives "x" a value'],
    ['ls {{ http_proxy }}', { http_proxy: 'a' }, 'programs look at by themselves'], ['ls {{ PATH }}', { PATH: 'a' }, 'cannot be the name of a variable'], ['ls {{ toString }}', {}, 'has no value'], ['#'.repeat(100_001), {}, 'longer than'],
  ])('%.20j is refused', (script, values, said) => {
    expect(compiled(script, values)).toContain(said);
  });
  test('has no variable by a name that a shell or programs look at', () => {
    expect(['order_id', 'path', 'IFS', 'ld_preload', '1a', 'a-b', 'no_proxy', 'home'].map((name) => whyNoVariable(name) === null)).toEqual([true, false, false, true, false, false, false, false]);
  });
});
