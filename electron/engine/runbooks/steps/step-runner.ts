/** Sends each kind of step by what can send it. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../../engine-context.ts';
import { createHostLines } from '../../ssh/lines.ts';
import { createHostRepository } from '../../store/host-repository.ts';
import type { Outcome } from '../sent.ts';
import { sendHttp } from './http.ts';
import type { NamedJob } from './job-host.ts';
import type { HostSecrets, StepRooms } from './rooms.ts';
import { sendDirectly } from './sh-direct.ts';
import { followFound, forgetFound, lookAtFound, sendAsJob } from './sh-job.ts';
import { sendSql } from './sql.ts';
import { plainValue } from './sql-table.ts';
import { sendFile } from './transfer.ts';
import type { StepJob, StepOperation, StepRunner } from './types.ts';

/** Choices that are offered at most, and milliseconds that they may take. */
const mostOptions = 500;
const optionsMs = 20_000;

/** Milliseconds, for whoever comes back from a short way without a network. */
const defaultGraceMs = 60_000;

/** @param hosts who knows the passwords for sudo */
export function createStepRunner(context: EngineContext, hosts: HostSecrets, { graceMs = defaultGraceMs }: { graceMs?: number } = {}): StepRunner {
  const rooms: StepRooms = { context, lines: createHostLines(context.hosts, { random: context.ports.random, sudoPassword: hosts.sudoPassword, pin: context.pin }), graceMs };
  const named = (job: StepJob): NamedJob => ({ ...job, label: createHostRepository(context.store).get(job.hostId).label });

  const send: StepRunner['send'] = async (sent, operation, limits) => {
    switch (sent.kind) {
      case 'sh':
        return sent.jobId === null ? sendDirectly(rooms, sent, operation, limits) : sendAsJob(rooms, sent, sent.jobId, operation, limits);
      case 'sql':
        return sendSql(rooms, sent, operation, limits);
      case 'http':
        return sendHttp(rooms, sent, operation, limits);
      case 'transfer':
        return sendFile(rooms, sent, operation, limits);
    }
  };

  const optionsOf = ({ rows, stdout }: Outcome): string[] => {
    const all = rows === null ? stdout.split('\n') : rows.rows.map(([first]) => String(plainValue(first) ?? ''));
    return [...new Set(all.map((each) => each.trim()).filter((each) => each !== ''))].slice(0, mostOptions);
  };

  return {
    send,
    look: (job, operation, limits) => lookAtFound(rooms, named(job), operation, limits),
    followJob: (job, operation, limits) => followFound(rooms, named(job), operation, limits),
    forgetJob: (job, signal) => forgetFound(rooms, named(job), signal),
    async readOptions(sent, signal) {
      const quiet: StepOperation = { signal, isLeaving: false, nextWake: () => new AbortController().signal, log() {}, command() {}, progress() {} };
      const outcome = await send(sent.kind === 'sh' ? { ...sent, jobId: null } : { ...sent, readOnly: true }, quiet, { timeoutMs: optionsMs, stallWarnMs: null });
      if (outcome.exitStatus === 0) return optionsOf(outcome);
      const why = outcome.timedOut ? `it did not answer within ${optionsMs / 1000} s` : outcome.stderr.trim().slice(-500) || `it ended with status ${outcome.exitStatus ?? 'unknown'}`;
      throw new PilothouseError('runbook.step-failed', `${sent.label}: the choices could not be read: ${why}.`, { hint: 'Type the value, or look at what the runbook asks for them.' });
    },
  };
}
