/** Private keys in every form in which people have them, as ssh2 reads them. */
import { createPrivateKey, type KeyObject } from 'node:crypto';

const isPkcs8 = /-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/;

const field = (content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** OpenSSH's own form, not encrypted: there is no other one for this kind that ssh2 reads. Source: PROTOCOL.key of OpenSSH. */
function ed25519ToOpenSsh(key: KeyObject): string {
  const { d, x } = key.export({ format: 'jwk' });
  const [secret, open] = [Buffer.from(d ?? '', 'base64url'), Buffer.from(x ?? '', 'base64url')];
  const name = 'ssh-ed25519';
  const one = Buffer.from([0, 0, 0, 1]);
  const check = Buffer.alloc(8);
  const body = Buffer.concat([check, field(name), field(open), field(Buffer.concat([secret, open])), field('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_none, index) => index + 1));
  const whole = Buffer.concat([Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field(''), one, field(Buffer.concat([field(name), field(open)])), field(Buffer.concat([body, padding]))]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${whole.toString('base64').replaceAll(/(.{70})/g, '$1\n').trimEnd()}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** OpenSSL says of a wrong passphrase whatever it makes of what came out. @throws Error */
function decrypt(text: string, passphrase: string | undefined): KeyObject {
  if (!text.includes('-----BEGIN ENCRYPTED')) return createPrivateKey(text);
  if (passphrase === undefined) throw new Error('no passphrase given');
  try {
    return createPrivateKey({ key: text, passphrase });
  } catch (error) {
    throw new Error('bad passphrase', { cause: error });
  }
}

/** A key in PKCS#8 in a form that ssh2 reads, and not encrypted any more. Null: it is in none that has to be changed. @throws Error */
export function fromPkcs8(text: string, passphrase: string | undefined): string | null {
  if (!isPkcs8.test(text)) return null;
  const key = decrypt(text, passphrase);
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return ed25519ToOpenSsh(key);
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString();
    default:
      throw new Error(`keys of type ${key.asymmetricKeyType ?? 'unknown'} are not used to sign in`);
  }
}
