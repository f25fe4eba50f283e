/** Makes plans out of drafts, and redeems their tokens: what runs is exactly what was shown. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Plan, ProcedureKind } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Ports } from '../ports.ts';
import type { PlanRepository } from '../store/plan-repository.ts';
import type { SettingsRepository } from '../store/settings-repository.ts';
import type { SystemRepository } from '../store/system-repository.ts';
import type { PlanDraft } from './procedure.ts';

/** How long a plan may be looked at before it has to be made again. */
export const planLifeMs = 15 * 60_000;

export interface RedeemedPlan {
  plan: Omit<Plan, 'token'>;
  kind: ProcedureKind;
  details: unknown;
  target: string;
  exclusive: string[];
}

export interface PlanDesk {
  issue(kind: ProcedureKind, draft: PlanDraft<unknown>): Plan;
  /**
   * Takes a token in exchange for the plan, once.
   * @throws operation.token-invalid, operation.plan-expired, operation.read-only, operation.name-not-confirmed, restore.preflight
   */
  redeem(request: { planId: string; token: string; confirmName?: string | undefined }): RedeemedPlan;
}

interface StoredDetails {
  details: unknown;
  target: string;
  exclusive: string[];
  /** The ways to its targets with the keys of the machines on them, as they were when it was planned. */
  ways: string[];
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export function createPlanDesk(dependencies: { ports: Ports; plans: PlanRepository; settings: SettingsRepository; systems: SystemRepository; scrubber: Scrubber; /** The way to a database or a host, and whom one trusts on it; null where it needs none. */ wayOf: (to: { databaseId: string } | { hostId: string }) => unknown }): PlanDesk {
  const { ports, plans, settings, systems, scrubber, wayOf } = dependencies;

  const waysTo = (targets: Plan['targets']): string[] =>
    targets
      .flatMap(({ databaseId, hostId }) => [
        ...(databaseId === null || systems.findDatabase(databaseId) === null ? [] : [wayOf({ databaseId })]),
        ...(hostId === undefined ? [] : [wayOf({ hostId })]),
      ])
      .map((way) => sha256(JSON.stringify(way)));

  const nameToConfirm = (draft: PlanDraft<unknown>): string | null => {
    if (draft.nameToConfirm === null) return null;
    const asked = draft.irreversible || draft.alwaysAskName === true || (draft.changes && (draft.system?.environment === 'production' || settings.read().alwaysConfirmByName));
    return asked ? draft.nameToConfirm : null;
  };

  return {
    issue(kind, draft) {
      const now = ports.clock.now();
      plans.removeExpired(now - planLifeMs);
      const body = {
        id: ports.random.id(),
        kind,
        // A server's own words may stand in what is said. What the run goes by (targets, details, the name to type) stays.
        ...scrubber.scrub({ title: draft.title, question: draft.question, steps: draft.steps, consequences: draft.consequences, findings: draft.findings, wayBack: draft.wayBack }),
        systemId: draft.system?.id ?? null,
        environment: draft.system?.environment ?? null,
        targets: draft.targets,
        confirmName: nameToConfirm(draft),
        changes: draft.changes,
        irreversible: draft.irreversible,
        runnable: !draft.findings.some((finding) => finding.state === 'critical') && !(draft.changes && draft.system?.readOnly === true),
        estimatedMs: draft.estimatedMs,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + planLifeMs).toISOString(),
      };
      if (draft.changes && draft.system?.readOnly === true) {
        body.findings = [...body.findings, { state: 'critical', title: `${draft.system.name} is read only`, detail: 'This would change something there.', fix: 'Switch "Read only" off in the title bar of the system.' }];
      }
      const stored: StoredDetails = { details: draft.details, target: scrubber.scrub(draft.target), exclusive: draft.exclusive, ways: waysTo(draft.targets) };
      const hash = sha256(JSON.stringify([body, stored]));
      const token = `${hash.slice(0, 16)}.${ports.random.bytes(24).toString('base64url')}`;
      const plan = { ...body, hash };
      plans.insert({ id: body.id, kind, plan, details: stored, hash, tokenHash: sha256(token), expiresAt: now + planLifeMs, usedAt: null, createdAt: now });
      return { ...plan, token };
    },

    redeem(request) {
      const stored = plans.find(request.planId);
      const invalid = () => new PilothouseError('operation.token-invalid', 'This plan was used already, or it is not the one that was shown.', { hint: 'Plan it again and run what you then see.' });
      if (stored === null) throw invalid();
      const { hash, ...body } = stored.plan;
      const details = stored.details as StoredDetails;
      // The token is bound to the hash, and the hash to what is stored: a plan that was changed in between is refused.
      if (sha256(JSON.stringify([body, details])) !== hash || hash !== stored.hash) throw new PilothouseError('operation.plan-changed', `The plan "${stored.plan.title}" is not the one that was shown.`, { hint: 'Plan it again.' });
      if (!timingSafeEqual(Buffer.from(sha256(request.token)), Buffer.from(stored.tokenHash)) || stored.usedAt !== null) throw invalid();
      if (stored.expiresAt < ports.clock.now()) throw new PilothouseError('operation.plan-expired', `The plan "${stored.plan.title}" is older than ${planLifeMs / 60_000} minutes.`, { hint: 'Plan it again: things may have changed meanwhile.', retryable: true });
      const system = body.systemId === null ? null : systems.find(body.systemId);
      if (system !== null && system.environment !== body.environment) throw new PilothouseError('operation.plan-changed', `${system.name} was ${body.environment} when this was planned and is ${system.environment} now.`, { hint: 'Plan it again: other rules hold there.' });
      if (JSON.stringify(waysTo(body.targets)) !== JSON.stringify(details.ways)) throw new PilothouseError('operation.plan-changed', `The way to ${details.target}, or the key of a machine on it, is not what it was when this was planned.`, { hint: 'Look at the connection and at the keys of its hosts; then plan it again.' });
      if (body.changes && system?.readOnly === true) throw new PilothouseError('operation.read-only', `${system.name} is read only; "${body.title}" would change something there.`, { hint: 'Switch "Read only" off in the title bar of the system, then plan it again.' });
      if (!body.runnable) {
        const reasons = body.findings.filter((finding) => finding.state === 'critical').map((finding) => finding.title);
        throw new PilothouseError('restore.preflight', `"${body.title}" cannot run: ${reasons.join('; ')}.`, { hint: body.findings.find((finding) => finding.fix !== undefined)?.fix ?? 'Put right what the plan names, then plan it again.' });
      }
      if (body.confirmName !== null && request.confirmName !== body.confirmName) {
        throw new PilothouseError('operation.name-not-confirmed', `"${body.title}" wants the name ${body.confirmName} typed, to be sure of the target.`, { hint: `Type ${body.confirmName} exactly (on the command line: --confirm ${body.confirmName}).` });
      }
      if (!plans.use(stored.id, ports.clock.now())) throw invalid();
      return { plan: { ...body, hash }, kind: stored.kind, details: details.details, target: details.target, exclusive: details.exclusive };
    },
  };
}
