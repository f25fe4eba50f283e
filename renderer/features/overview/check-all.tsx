import { useState } from 'react';
import { Link } from 'wouter';
import type { EngineClient } from '#shared/contract/index.ts';
import type { SystemCard } from '#shared/contract/systems.ts';
import { toErrorShape } from '#shared/domain/errors.ts';
import { Button, CloseButton } from '../../components/button.tsx';
import { plural, prose } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { Tint } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';

/** A system whose checks did not start. */
interface Refused {
  card: SystemCard;
  why: string;
  code: string | null;
}

async function check(engine: EngineClient, card: SystemCard): Promise<Refused[]> {
  try {
    const { plan } = await engine.call('health.plan', { systemId: card.system.id });
    if (!plan.runnable) {
      const reasons = plan.findings.filter(({ state }) => state === 'critical').map(({ title }) => title);
      return [{ card, why: reasons.length === 0 ? 'Its plan cannot run as it stands.' : reasons.join('. '), code: null }];
    }
    await engine.call('operation.run', { planId: plan.id, token: plan.token });
    return [];
  } catch (error) {
    const { message, code } = toErrorShape(error, '');
    return [{ card, why: message, code }];
  }
}

/** Starts the checks of many systems at once. Each answers for itself: one that cannot be looked at holds up no other. */
export function useCheckAll(): { checking: boolean; refused: readonly Refused[]; checkAll: (cards: readonly SystemCard[]) => void; forget: () => void } {
  const engine = useEngine();
  const [checking, setChecking] = useState(false);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const checkAll = async (cards: readonly SystemCard[]): Promise<void> => {
    setChecking(true);
    const outcomes = await Promise.all(cards.map((card) => check(engine, card)));
    setRefused(outcomes.flat());
    setChecking(false);
  };
  return { checking, refused, checkAll: (cards) => void checkAll(cards), forget: () => setRefused([]) };
}

/** Which systems were not looked at, and why. */
export function NotChecked({ refused, checking, onRetry, onClose }: { refused: readonly Refused[]; checking: boolean; onRetry: () => void; onClose: () => void }) {
  if (refused.length === 0) return null;
  return (
    <Tint kind="warn" role="alert">
      <div className="row at-top">
        <div className="grow stack tight">
          <p><b className="strong">The checks of {plural(refused.length, 'system')} did not start.</b></p>
          <ul className="bul">
            {refused.map(({ card, why, code }) => (
              <li key={card.system.id}><Link to={paths.systemScreen(card.system.id, 'health')}>{card.system.name}</Link>: {prose(why)} {code === null ? null : <span className="mono">{code}</span>}</li>
            ))}
          </ul>
        </div>
        <Button needsEngine disabled={checking} onClick={onRetry}>Try again</Button>
        <CloseButton onClick={onClose} />
      </div>
    </Tint>
  );
}
