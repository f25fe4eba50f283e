/** What is said of a pack that is not right, with the line on which it stands. */
import { expect, test } from 'vitest';
import { swapped, told, yardWith } from '#test/packs/yard.ts';

test('of a pack in which nothing is wrong nothing is said', () => {
  expect(told(yardWith().problems)).toEqual([]);
});

test.each<[string, Record<string, string | null>, string[]]>([
  ['no pack.yaml', { 'pack.yaml': null }, ['pack.yaml 1: The folder has no pack.yaml, with which every pack begins.']],
  ['an unknown field', swapped('pack.yaml', 'manager: systemd', 'manger: systemd'), ['pack.yaml 17: "manger" is not a service field. Did you mean "manager"?']],
  ['a missing field', swapped('pack.yaml', 'holds: logs, ', ''), ['pack.yaml 19: path "logs" has no "holds". What is there. A question may set it as well.']],
  ['a word that is none of few', swapped('pack.yaml', 'manager: systemd', 'manager: upstart'), ['pack.yaml 17: "upstart" is not known for "manager", which is one of systemd, openrc, pm2, docker, kubernetes, process.']],
  ['an anchor', swapped('pack.yaml', 'title: Web host', 'title: &a Web host'), ['pack.yaml 9: Anchors are not allowed: whoever reads a pack has to see what runs. Write the value where it is used.']],
  ['a version without quotes', swapped('pack.yaml', '"1.0.0"', '1.0'), ['pack.yaml 4: 1.0 is a number here. Write version: "1.0.0".']],
  ['another id than its folder', swapped('pack.yaml', 'id: yard', 'id: garden'), ['pack.yaml 2: The pack "garden" lies in a folder of another name. Write id: yard, or rename the folder.']],
  ['a duration that is none', swapped('pack.yaml', 'warn: 500ms', 'warn: soon'), ['pack.yaml 14: "warn" is a duration, as in 30s, 5m, 2h, 90d or 1d12h.']],
  ['an address that is none', swapped('pack.yaml', '"https://yard.example"', 'yard.example'), ['pack.yaml 14: "url" of endpoint "site" is no address that begins with http:// or https://: "yard.example".']],
  ['a host that is no role', swapped('pack.yaml', 'host: web, manager', 'host: wbe, manager'), ['pack.yaml 17: service "nginx" names the host "wbe", which is not there. Hosts: web, spare. Did you mean "web"?']],
  ['a check that does not exist', swapped('pack.yaml', 'check: cpu', 'check: cpuu'), ['pack.yaml 21: threshold "cpu" names the health check "cpuu", which is not there. Did you mean "cpu"?']],
  ['an endpoint that does not exist', swapped('pack.yaml', '[site, api]', '[site, apo]'), ['pack.yaml 22: threshold "answers" names the endpoint "apo", which is not there. There are: site, api. Did you mean "api"?']],
  ['limits the wrong way round', swapped('pack.yaml', 'warn: 70', 'warn: 95'), ['pack.yaml 21: threshold "cpu" would be critical before it warns: higher is worse, and its warn lies beyond its critical.']],
  ['a limit that nothing can go by', swapped('pack.yaml', 'warn: 500, unit', 'unit'), ['pack.yaml 22: threshold "answers" has neither warn nor critical, so that nothing can go by it.']],
  ['a threshold in another unit than its check', swapped('pack.yaml', 'critical: 90, unit: percent', 'critical: 90, unit: seconds'), ['pack.yaml 21: threshold "cpu" is in seconds, and the check cpu in percent. Write its figures in percent, and unit: percent.']],
  ['a threshold in the other direction than its check', swapped('pack.yaml', 'warn: 70, critical: 90,', 'warn: 90, critical: 70, lower_is_worse: true,'), ['pack.yaml 21: Of the check cpu higher is worse. Take lower_is_worse out in threshold "cpu".']],
  ['two thresholds for one check', swapped('pack.yaml', 'drives: { people: true }, unit: a day', 'drives: { check: cpu }, warn: 1, unit: percent'), ['pack.yaml 24: threshold "visitors" drives cpu, as "cpu" on line 21 does. One check goes by one threshold: make the other drives: { people: true }.']],
  ['a threshold for a check without figures', swapped('pack.yaml', 'check: cpu', 'check: hba-rules'), ['pack.yaml 21: The check hba-rules goes by states, not by figures: threshold "cpu" cannot drive it. Write drives: { people: true }.']],
  ['a threshold of endpoints in seconds', swapped('pack.yaml', 'warn: 500, unit: ms', 'warn: 1, unit: seconds'), ['pack.yaml 22: threshold "answers" is in seconds, and how long endpoints take is told in ms. Write its figures in ms, and unit: ms.']],
  ['a backup of nothing', swapped('pack.yaml', 'database: db, keep', 'keep'), ['pack.yaml 26: backup "nightly" says neither which database nor which files.']],
  ['a path of a backup that is not plain', swapped('pack.yaml', 'paths: [/srv/uploads]', 'paths: [/srv/uploads/]'), ['pack.yaml 27: backup "uploads" cannot back up "/srv/uploads/": a path is written plainly: without //, . and .., and without / at its end.']],
  ['paths of which one holds the other', swapped('pack.yaml', 'paths: [/srv/uploads]', 'paths: [/srv, /srv/uploads]'), ['pack.yaml 27: backup "uploads" has /srv/uploads, which is in /srv already.']],
  ['a pattern that is none', swapped('pack.yaml', '"\\\\berror\\\\b"', '"("'), ['pack.yaml 19: path "logs" has a pattern that cannot be used: This is no regular expression: Unterminated group.']],
  ['an item that a question sets and that is not there', swapped('pack.yaml', 'item: endpoint/api', 'item: endpoint/apo'), ['pack.yaml 15: endpoint "api" has no "url". Its address, from http:// or https:// on. A question may set it as well.', 'pack.yaml 33: There is no endpoint "apo" in this pack. Did you mean "endpoint/api"?']],
  ['a field that a question sets and that does not exist', swapped('pack.yaml', 'field: url', 'field: adress'), ['pack.yaml 15: endpoint "api" has no "url". Its address, from http:// or https:// on. A question may set it as well.', 'pack.yaml 33: "adress" is no field of a endpoint. Fields: title, url, method, status, warn, critical, body_matches, json, through, source, covers.']],
  ['a field of several values', swapped('pack.yaml', 'field: clocks.respond', 'field: clocks'), ['pack.yaml 45: "clocks" of a severity is more than one value, and cannot be answered. Name a field within it.']],
  ['a parameter that no runbook has', swapped('pack.yaml', 'param: api_url', 'param: api_uri'), ['pack.yaml 34: No runbook of this pack has a parameter "api_uri". Did you mean "api_url"?']],
  ['choices of which one is not what it sets', swapped('pack.yaml', 'value: "2h"', 'value: "two hours"'), ['pack.yaml 43: The choice "two hours" of question "fast" is no duration such as "30m" or "2h", which is what it sets.']],
  ['one choice alone', swapped('pack.yaml', '      - { value: "4h", label: 4 hours, source: "17" }\n', ''), ['pack.yaml 39: Question "fast" has fewer than two choices. Write choices: with a value each, or another kind.']],
  ['a zone that does not exist', swapped('calendar.yaml', 'tz: UTC', 'tz: Europe/Bärlin'), ['calendar.yaml 11: calendar "dump" has the time zone "Europe/Bärlin", which does not exist. Write one such as Europe/Berlin, America/New_York or UTC.']],
  ['EST as a zone', swapped('calendar.yaml', 'tz: UTC', 'tz: EST'), ['calendar.yaml 11: calendar "dump" has the time zone "EST", which does not exist. Write one such as Europe/Berlin, America/New_York or UTC.']],
  ['a rule of recurrence that is none', swapped('calendar.yaml', 'FREQ=DAILY', 'FREQ=NEVER'), ['calendar.yaml 11: calendar "dump" has a rule of recurrence that cannot be read. FREQ=NEVER is not known here. It is one of DAILY, WEEKLY, MONTHLY, YEARLY.']],
  ['a time without quotes', swapped('people.yaml', 'from: "09:00"', 'from: 9:00'), ['people.yaml 2: 9:00 without quotes is read as 540 by some tools. Write "9:00".']],
  ['hours over midnight', swapped('people.yaml', 'from: "09:00"', 'from: "22:00"'), ['people.yaml 2: hours "office" has hours from 22:00 to 17:00, which end before they begin. Over midnight there are two: up to "24:00", and from "00:00".']],
  ['a telephone number with letters', swapped('people.yaml', 'email: owner@yard.example', 'phone: "+1-555-EMERGENCY"'), ['people.yaml 12: "phone" of contact "owner" has letters in it: a telephone number is written in digits, as it is dialled: "+1-555-EMERGENCY".']],
  ['an address of mail that is none', swapped('people.yaml', 'email: owner@yard.example', 'email: owner'), ['people.yaml 12: "email" of contact "owner" is no address such as name@example.com: "owner".']],
  ['a role without its contact', swapped('people.yaml', 'contact: owner', 'contact: owners'), ['people.yaml 10: role "keeper" names the contact "owners", which is not there. There are: owner. Did you mean "owner"?']],
  ['a tier that passes on to nobody', swapped('people.yaml', 'next: second', 'next: third'), ['people.yaml 7: tier "first" names the tier "third", which is not there. There are: first, second.']],
  ['tiers that pass on to each other', swapped('people.yaml', 'rank: 2 }', 'rank: 2, next: first }'), ['people.yaml 7: lines 7 → 8 → 7: first → second → first pass work on to each other for ever.']],
  ['two severities of one rank', swapped('people.yaml', 'rank: 2, tone', 'rank: 1, tone'), ['people.yaml 5: severity "p2" has the rank 1, as "p1" on line 4 has. Each has its own.']],
  ['hours that do not exist', swapped('people.yaml', 'hours: office, runbook', 'hours: day, runbook'), ['people.yaml 4: severity "p1" names the hours "day", which is not there. There are: office.']],
  ['a severity with a runbook that is not there', swapped('people.yaml', 'runbook: check', 'runbook: chek'), ['people.yaml 4: severity "p1" names the runbook "chek", which is not there. Runbooks: check. Did you mean "check"?']],
  ['entries that wait for each other', swapped('calendar.yaml', 'tz: UTC,', 'tz: UTC, after: [{ key: sunday, within: 1d, needs: done }],'), ['calendar.yaml 2: lines 2 → 11 → 2: sunday → dump → sunday wait for each other, so that none could ever be done.']],
  ['an entry after one that is not there', swapped('calendar.yaml', 'key: dump', 'key: dumb'), ['calendar.yaml 8: calendar "sunday" names the calendar "dumb", which is not there. There are: sunday, dump. Did you mean "dump"?']],
  ['an entry that does two things', swapped('calendar.yaml', 'work: { procedure: backup.run }', 'work: { procedure: backup.run, tasks: [Look] }'), ['calendar.yaml 11: This work has procedure and tasks, of which only one can be. Remove one, or make two of it.']],
  ['a runbook with an error', swapped('runbooks/check.yaml', 'sh: uptime, risk: read', 'sh: rm -rf /srv, risk: read'), ['runbooks/check.yaml 12: "rm -rf" is destructive, but this step says read. Write risk: destructive and pause: before.']],
  ['a runbook of another name', swapped('runbooks/check.yaml', 'id: check', 'id: chek'), ['runbooks/check.yaml 1: The runbook "chek" lies in a file of another name. Call the file chek.yaml, or write id: check.']],
  ['a target that is no role', swapped('runbooks/check.yaml', '  web: { kind: ssh }', '  wob: { kind: ssh }'), ['runbooks/check.yaml 6: The target "wob" is no host of pack.yaml: web, spare. Give the target the name of a role, or add the role. Did you mean "web"?', 'runbooks/check.yaml 12: target "web" is not declared. Targets: wob (line 6), db (line 7), site (line 8). Did you mean "wob"?']],
  ['a template without fields', { 'templates/notice.md': 'We will be away.\n' }, ['templates/notice.md 1: The file begins with a line "---", its fields (title: …), and another line "---"; the text follows.']],
  ['a template whose fields are not closed', { 'templates/notice.md': '---\ntitle: Notice\n' }, ['templates/notice.md 1: The fields at the top are not closed: write a line "---" below them.']],
  ['a card with an unknown field', { 'cards/nginx.md': '---\ntitle: nginx\n\ntytle: nginx\n---\nText\n' }, ['cards/nginx.md 4: "tytle" is not a card field.']],
  ['nothing at all', { 'pack.yaml': '' }, ['pack.yaml 1: There is nothing in this file. It begins with schema: pack/1.']],
])('%s', (_what, changes, said) => {
  const { pack, problems } = yardWith(changes);
  expect(told(problems)).toEqual(said);
  expect(pack).toBeNull();
});
