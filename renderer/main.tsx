import './theme/index.css';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import { App } from './app/app.tsx';
import { createConnection } from './transport/connection.ts';
import { takeToken } from './transport/session.ts';

// Else zod tries whether it may compile code, which the policy refuses and reports.
config({ jitless: true });
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);
const connection = createConnection(takeToken());

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no place to render into.');
createRoot(root).render(<App connection={connection} nonce={nonce} />);
