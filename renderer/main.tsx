import './transport/no-eval.ts';
import './theme/index.css';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { createConnection } from './transport/connection.ts';
import { takeToken } from './transport/session.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);
const connection = createConnection(takeToken());

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no place to render into.');
createRoot(root).render(<App connection={connection} nonce={nonce} />);
