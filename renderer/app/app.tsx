import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { aroundLeaving } from '../components/leaving.tsx';
import { ProposeProvider } from '../components/plan/propose.tsx';
import { VaultProvider } from '../components/vault-over.tsx';
import { cssVariablesResolver, theme } from '../theme/theme.ts';
import type { Connection } from '../transport/connection.ts';
import { ConnectionContext, useConnection, useConnectionState } from '../transport/engine-context.ts';
import { useEngineState } from '../transport/use-engine-state.ts';
import { mayRetry } from '../transport/use-method.ts';
import { EngineFailed } from './engine-notice.tsx';
import { CrashGuard } from './crash-guard.tsx';
import { colorSchemes } from './color-scheme.ts';
import { Shell } from './shell.tsx';
import { Refused } from './refused.tsx';

function createQueries(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: mayRetry, refetchOnWindowFocus: true, networkMode: 'always' }, mutations: { networkMode: 'always' } } });
}

function Inside() {
  const state = useConnectionState();
  const connection = useConnection();
  const why = connection.refusal();
  const engine = useEngineState();
  if (state === 'refused' && why !== null) return <Refused why={why} />;
  if (connection.epoch() === 0 && engine?.state === 'failed') return <EngineFailed error={engine.error} />;
  return (
    <VaultProvider>
      <ProposeProvider>
        <Shell />
      </ProposeProvider>
    </VaultProvider>
  );
}

export function App({ connection, nonce }: { connection: Connection; nonce: string }) {
  const [queries] = useState(createQueries);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} colorSchemeManager={colorSchemes} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <CrashGuard>
        <ConnectionContext value={connection}>
          <QueryClientProvider client={queries}>
            <Router hook={useHashLocation} aroundNav={aroundLeaving}>
              <Inside />
            </Router>
          </QueryClientProvider>
        </ConnectionContext>
      </CrashGuard>
    </MantineProvider>
  );
}
