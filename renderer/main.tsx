import './transport/no-eval.ts';
import './theme/index.css';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { createConnection } from './transport/connection.ts';
import { desktop } from './transport/desktop.ts';
import { takeToken } from './transport/session.ts';
import { overBridge, overLoopback } from './transport/way.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);
const connection = createConnection(desktop === null ? overLoopback(takeToken()) : overBridge(desktop));

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no place to render into.');
createRoot(root).render(<App connection={connection} nonce={nonce} />);
