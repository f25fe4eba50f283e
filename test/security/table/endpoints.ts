/** Endpoints: addresses that a pack or a person names, and that this computer or a host asks. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const real = proofsIn('test/integration/health/endpoints.test.ts');
const plain = proofsIn('test/unit/health/endpoints.test.ts');

const ask = 'electron/engine/health/endpoints/ask-endpoint.ts';

export const endpoints: readonly Statement[] = [
  {
    id: 'rest-endpoint-followed',
    says: 'An endpoint that sends one elsewhere is followed nowhere, and what stands behind "?" there is not shown.',
    proofs: [real('a draft > that sends one elsewhere is followed nowhere')],
    mutations: [{ file: ask, find: 'return serverText(`${origin}${pathname}`, 200);', replace: 'return serverText(`${origin}${pathname}${new URL(said, from.href).search}`, 200);' }],
  },
  {
    id: 'rest-endpoint-link',
    says: 'Addresses of the link alone, at which clouds give out the keys of a machine, are asked by nobody, whoever names them as an endpoint.',
    proofs: [plain('an address > %s is not asked', 'http://169.254.169.254/'), plain('an address > that is not asked opens no line'), real('a health check > asks nothing of the addresses at which clouds give out keys, nor of one with a password in it')],
    mutations: [{ file: ask, find: "linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');", replace: '' }],
  },
  {
    id: 'rest-endpoint-password',
    says: 'An endpoint with a name or a password in its address is not asked, and its password is in no result.',
    proofs: [plain('an address > %s is not asked', 'https://ann:secret@shop.test/'), real('a health check > asks nothing of the addresses at which clouds give out keys, nor of one with a password in it')],
    mutations: [{ file: ask, find: "if (url.username !== '' || url.password !== '') return", replace: "if (url.username === '\\0') return" }],
  },
  {
    id: 'rest-endpoint-signs-in',
    says: 'Nothing that would sign in is sent to an endpoint.',
    proofs: [real('a draft > says nothing that would sign in')],
    mutations: [{ file: ask, find: "accept: '*/*', connection: 'close' }, body: null }", replace: "accept: '*/*', cookie: 'a=b', connection: 'close' }, body: null }" }],
  },
  {
    id: 'rest-endpoint-body',
    says: 'Of the body of an endpoint nothing is shown or kept but the short value of the field that was asked for.',
    proofs: [plain('an answer > shows nothing of its body but the field that was asked for')],
    mutations: [{ file: 'electron/engine/health/endpoints/judge-endpoint.ts', find: "typeof other === 'object' ? 'something else' : serverText(JSON.stringify(other), 60)", replace: 'serverText(JSON.stringify(other), 60)' }],
  },
];
