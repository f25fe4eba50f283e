/** Runbooks to test with: every field of the format stands in one of them. */

export const restart = `schema: runbook/1
id: restart-shop
title: Restart the shop
version: "1.3.0"
summary: Stops both deployments, starts them again, and shows that they answer.
owner: ops@shop.test
reviewed_on: "2026-01-15"
review_every: 90d
tags: [kubernetes, P2]
source: { file: restart.md, lines: "543-611", sha256: "0b5d" }
estimate: 20m

targets:
  ops: { kind: ssh, label: Host with kubectl, select: one, tags: [bastion] }
  api: { kind: http, label: API, default: "https://api.shop.test" }
  web: { kind: http, label: Site, default: "https://shop.test" }

params:
  ns:     { type: identifier, label: Namespace, default: shop-prod }
  window: { type: enum, label: Why now, enum: [planned, emergency], required: true }
  server: { type: identifier, default: shop-server, help: "The deployment, as kubectl calls it" }
  limit:  { type: int, min: 1, max: 50, default: 5, when: "window == 'planned'" }
  pod:    { type: string, pattern: "[a-z-]+", options_from: { target: ops, sh: kubectl get pods -o name } }

prerequisites:
  - { id: window, title: The window is open, manual: "It is open now, or there is an emergency.", confirm: checkbox }
  - { id: backup, title: There is a proven backup, call: { runbook: backup-verify, require: succeeded, within: 24h } }

steps:
  - id: pods-before
    title: Pods before
    target: ops
    sh: kubectl get pods -n {{ ns }} -o json
    risk: read
    timeout: 30s
    expect:
      - { json: "$.items[*].status.phase", all: Running, say: All pods run }
      - { exit: 0 }
    when: window == 'planned' and limit > 2
  - id: remember
    title: Remember how many there are
    target: ops
    sh: kubectl get deploy {{ server }} -n {{ ns }} -o jsonpath='{.spec.replicas}'
    risk: read
    capture:
      replicas: { regex: "^(\\\\d+)$", type: int }
  - id: stop
    title: Stop
    why: New requests get a page that says so.
    target: ops
    sh: |
      kubectl scale deployment {{ server }} --replicas=0 -n {{ ns }}
      kubectl wait --for=delete pod -l "app=$server" -n {{ ns }} --timeout=120s
    risk: destructive
    pause: before
    idempotent: true
    timeout: 3m
    stall_warn: 1m
    retry: { attempts: 2, delay: 10s, backoff: 2 }
    probe: { sh: "kubectl get deploy {{ server }} -n {{ ns }} -o jsonpath='{.spec.replicas}'", done_if: { equals: "0" } }
    undo:
      - { sh: "kubectl scale deployment {{ server }} --replicas={{ replicas }} -n {{ ns }}", risk: change }
  - id: quiet
    title: Nobody is connected any more
    manual: The load balancer shows 0 connections.
    confirm: number
    expect: [{ equals: 0 }]
    skip: with-reason
  - id: start
    title: Start again
    target: ops
    sh: kubectl scale deployment {{ server }} --replicas={{ replicas }} -n {{ ns }}
    risk: change
    idempotent: true
    timeout: 12m
    detach: true
    on_fail: rollback
  - id: health-after
    title: It answers
    for_each: { host_in: [api, web], max_failures: 1 }
    http: { method: GET, path: /health, headers: { Accept: text/plain } }
    risk: read
    wait_until: { every: 5s, up_to: 3m }
    expect: [{ status: [200, 204], say: It answers }, { not_matches: "(?i)maintenance" }, { matches: "ok" }]
    on_fail: rollback
    evidence: keep
    redact: ["token=\\\\S+"]

rollback:
  trigger: a step whose on_fail is rollback, or by hand
  steps:
    - { id: rb-undo, title: Undo what was done, undo_completed: true }
    - { id: rb-ask, title: Was anything damaged, decide: { ask: "Was data damaged?", choices: { "no": rb-tell, "yes": rb-db } } }
    - { id: rb-db, title: Restore, call: { runbook: database-restore } }
    - { id: rb-tell, title: Tell everybody, manual: Send the notice., confirm: text, end: true }

contacts:
  - { role: primary, name: Ops, email: ops@shop.test, phone: "+1 555 010 2030" }
  - { role: escalation, email: cto@shop.test, after: 15m }

schedule: { rrule: "FREQ=MONTHLY;BYDAY=1SU", tz: Europe/Berlin, duration: 2h, cutoff: 30m, notice: 48h, missed: skip }
`;

export const restore = `schema: runbook/1
id: database-restore
title: Restore beside, then swap
version: "2.1.0"
targets:
  db:  { kind: postgres, label: Server to restore on, select: one }
  app: { kind: ssh, label: Application host }
params:
  dbname:   { type: database, of: db, label: Database, required: true }
  units:    { type: list, label: Services, default: [server, worker] }
  max_age:  { type: duration, default: 26h }
  at:       { type: time, default: "02:00" }
  password: { type: secret, label: Password of the API }
prerequisites:
  - { id: incident, title: There is an incident, manual: Its number and who leads it., confirm: text }
steps:
  - id: beside
    title: Restore beside and compare
    target: db
    call: { procedure: restore.beside, with: { database: "{{ dbname }}", backup: newest-proven, max_age: "{{ max_age }}" }, require: equal }
  - id: safety
    title: Back up what is there
    target: db
    call: { procedure: backup.run, with: { database: "{{ dbname }}", proof: L2 } }
    require: L2
  - id: signoff
    title: Go or no-go
    approve: { by: [dba, lead], show: [beside, safety] }
  - id: stop-app
    title: Stop the application
    target: app
    for_each: { item_in: units }
    sh: pm2 stop {{ item }}
    risk: destructive
    pause: before
    expect: [{ exit: [0, 1] }]
    undo: [{ target: app, sh: "pm2 start {{ item }}", risk: change }]
  - id: swap
    title: Swap names
    target: db
    call: { procedure: restore.swap, with: { from: beside } }
    pause: before
    undo: [{ call: { procedure: restore.undo, with: { from: swap } } }]
  - id: settle
    title: Let it settle
    wait: 1m
  - id: rows
    title: There are orders
    target: db
    sql: SELECT state, count(*) AS orders FROM {{ dbname | ident }}.orders WHERE placed > now() - :max_age::interval GROUP BY state
    database: shop
    risk: read
    expect: [{ rows: "value > 0" }, { cell: orders, number: "value >= 1" }, { cell: state, equals: paid }, { cell: true, equals: paid }]
    capture: { first_state: { cell: state }, all_of_it: { json: "$.a" } }
  - id: upload
    title: Put the page back
    target: app
    transfer: { upload: pages/index.html, to: /srv/www/index.html }
    risk: change
    expect: [{ expr: "max_age != ''" }]
    undo: []
    why: The page of before is in git.
  - id: fetch
    title: Keep the log
    target: app
    transfer: { download: /var/log/app.log, to: app.log }
    risk: read
  - id: works
    title: It works
    target: app
    http: { method: POST, url: "http://localhost:3000/health", through: app, headers: { Authorization: "Bearer {{ password }}" }, body: "{}" }
    risk: change
    expect: [{ status: 200 }, { json: "$.state", equals: up }]
  - id: figure
    title: Load
    target: app
    sh: cut -d ' ' -f 1 /proc/loadavg
    cwd: /srv
    sudo: deploy
    shell: bash
    env: { LANG: C }
    stdin: "{{ password }}"
    risk: read
    expect: [{ number: "value < 80" }]
  - { id: which, title: Which way, manual: Say which., confirm: choice, choices: [left, right] }
  - { id: read-this, title: Good to know, note: The old database is kept for a week. }
rollback:
  steps:
    - { id: rb-undo, title: "Undo what was done", undo_completed: true }
`;
