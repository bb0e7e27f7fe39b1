/**
 * Commands about the keys with which a customer's own server signs who a visitor is. Several at once are good, so that a key
 * is replaced by adding the next one, changing the signer, and removing the old one. A secret is shown once, when it is made.
 */
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import type { IdentityKey } from '../store/identities.ts';
import { Misused, Refused, type Command } from './command.ts';
import { readShortText } from './plain-file.ts';
import { siteOf } from './sites.ts';
import { siteLock } from '../store/locks.ts';

/** As many bits as the hash has; an attacker could guess a shorter secret from any one token. */
const SECRET_BYTES = 32;

export const keyCommands: readonly Command[] = [
  {
    name: 'site key add',
    usage: 'KEY --id KID [--alg HS256|ES256] [--from FILE]',
    does: 'a key for identity tokens: made here and shown once, or read from a file (the secret; the public key as PEM)',
    flags: ['id', 'alg', 'from'],
    needs: 'store',
    async run({ store, args, print }) {
      const [site] = args.words('KEY');
      const kid = args.need('id');
      if (!/^[A-Za-z0-9._-]{1,64}$/.test(kid))
        throw new Refused(`--id is ${JSON.stringify(kid)}, expected 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-".`);
      const alg = toAlgorithm(args.one('alg') ?? 'HS256');
      const from = args.one('from');
      const made = from === undefined ? makeKey(alg) : { key: readKey(alg, from), shown: undefined };
      await store.transact([siteLock(site)], async (tx) => {
        await siteOf(tx, site);
        if ((await tx.identityKeys(site)).some((key) => key.kid === kid))
          throw new Refused(`${site} has a key ${kid} already. Give the next one another --id.`);
        await tx.saveIdentityKey({ site, kid, alg, key: made.key, createdAt: systemClock.nowSeconds() });
      });
      print(`Key ${kid} (${alg}) of ${site} is there. Tokens say: alg ${alg}, kid ${kid}, aud ${site}.`);
      if (made.shown !== undefined) print(`${alg === 'HS256' ? 'Its secret' : 'Its private key'}, shown once:\n${made.shown}`);
    },
  },
  {
    name: 'site key list',
    usage: 'KEY',
    does: 'the identity keys of a site, without what is secret',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [site] = args.words('KEY');
      await siteOf(store, site);
      for (const { kid, alg, createdAt } of await store.identityKeys(site))
        print(`${kid}\t${alg}\tsince ${new Date(createdAt * 1000).toISOString()}`);
    },
  },
  {
    name: 'site key remove',
    usage: 'KEY KID',
    does: 'tokens under that key are no longer believed; visitors who were identified stay so',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [site, kid] = args.words('KEY', 'KID');
      await siteOf(store, site);
      if (!(await store.transact([siteLock(site)], (tx) => tx.removeIdentityKey(site, kid))))
        throw new Refused(`${site} has no key ${JSON.stringify(kid)}.`);
      await store.settle();
      print(`Key ${kid} of ${site} was removed.`);
    },
  },
];

function toAlgorithm(value: string): IdentityKey['alg'] {
  if (value === 'HS256' || value === 'ES256') return value;
  throw new Misused(`--alg is ${JSON.stringify(value)}, expected HS256 or ES256.`);
}

function makeKey(alg: IdentityKey['alg']): { key: string; shown: string } {
  if (alg === 'HS256') {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    return { key: secret, shown: secret };
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    shown: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim(),
  };
}

/** @throws Refused */
function readKey(alg: IdentityKey['alg'], file: string): string {
  const text = readShortText(file).trim();
  if (alg === 'HS256') {
    if (Buffer.byteLength(text) < SECRET_BYTES)
      throw new Refused(`The secret in ${file} is shorter than ${SECRET_BYTES} bytes. Make one with: openssl rand -base64 48`);
    return text;
  }
  const expected = `${file} holds no public key for ES256, expected PEM of a key on the curve P-256.`;
  if (text.includes('PRIVATE KEY'))
    throw new Refused(`${file} holds a private key. Keep it where tokens are signed and give the public one.`);
  try {
    const key = createPublicKey(text);
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Refused(expected);
    return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    throw new Refused(expected);
  }
}
