/** What of commands nobody knows is not taken for a look: an imported step would be sent without being asked for. */
import { expect, test } from 'vitest';
import { findWrongs, unknownIn } from '#engine/rules/index.ts';
import { writeRunbook } from '#engine/guides/draft/write.ts';
import { step } from '#engine/guides/draft/step.ts';

test.each([
  ['./cleanup.sh', 'cleanup.sh'],
  ['bash /opt/cleanup.sh', 'bash /opt/cleanup.sh'],
  ['df -h; restic forget --prune', 'restic'],
  ['sudo -n make deploy', 'make'],
  ['ssh db1 ./cleanup.sh', 'cleanup.sh'],
  ['bash -c "./cleanup.sh"', 'cleanup.sh'],
  ['docker exec app ./migrate', 'migrate'],
  ['df -h | ./send', 'send'],
  ['"$CMD" --all', '"$CMD" --all'],
])('%j runs what nobody here knows: %j', (script, unknown) => {
  expect(unknownIn(script)).toBe(unknown);
});
test.each(['df -h', 'MAX=3', 'for each in a b; do echo "$each"; done', 'if [ -f a ]; then cat a; fi', 'case $x in a) echo 1;; esac', 'while read -r each; do echo "$each"; done < list', 'say() { echo "$1"; }\nsay a', 'ssh db1 df -h', 'bash -c "ps aux"', 'source .env', 'sudo -u postgres psql -l', 'docker exec app ps', 'systemctl status nginx', 'kubectl get pods -n shop', 'PGPASSWORD=x psql -l'])('%j is known', (script) => {
  expect(unknownIn(script)).toBe(null);
});

test('a step of a guide that runs what nobody knows is drafted as one that changes something', () => {
  const draftOf = (script: string): string => writeRunbook({ prerequisites: [], steps: [step(1, 'Do it', { kind: 'sh', script, shell: 'sh' })], rollback: null, contacts: [], summary: [] }, { id: 'one', title: 'One', tags: [], source: { file: 'guide.md', lines: '1', sha256: '0'.repeat(64) } }).text;
  expect(['./cleanup.sh', 'df -h', 'rm -rf /srv/old'].map((script) => /risk: (\w+)/.exec(draftOf(script))?.[1])).toEqual(['change', 'read', 'destructive']);
});
test('what sudo -n runs is known by its name', () => {
  expect(findWrongs('sudo -n pg_restore --target-time=now base', { language: 'sh' }).map(({ rule }) => rule)).toContain('target-time');
});
