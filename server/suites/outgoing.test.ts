/** The server goes to nobody by itself, but for the mail server and the scanner that its configuration names. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const HERE = new URL('..', import.meta.url).pathname;
/** What can open a connection, from Node and from the packages we have. */
const OPENS =
  /\bfetch\(|\bXMLHttpRequest\b|\bnew WebSocket\(|\bnew EventSource\(|\b(?:https?|http2|net|tls|dgram)\.(?:get|request|connect|createConnection|createSocket)\(|\bcreateConnection\(|\bcreateTransport\(|from 'undici'|from 'node:(?:dgram|tls|http2|dns|child_process)'|from 'node:https?'/;

const sources = readdirSync(HERE, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !/^testing\/|(?:test|contract)\.ts$/.test(name),
);

it('[E8] nothing in the server opens a connection to an address that somebody wrote', () => {
  expect(sources.length).toBeGreaterThan(50);
  const opening = sources.filter((name) => {
    const code = readFileSync(join(HERE, name), 'utf8').replace(/import type .*;/g, '');
    return OPENS.test(code.replace(/from 'node:http'/g, (found) => (/\b(?:createServer|STATUS_CODES)\b/.test(code) ? '' : found)));
  });
  // The mail server of SMTP_URL and the scanner of SCANNER_URL.
  expect(opening.sort()).toEqual(['files/scanner.ts', 'mail/mailer.ts']);
});

it('[E8] and the pattern finds what it is for', () => {
  for (const code of [
    'await fetch(link)',
    'https.get(url)',
    "import { lookup } from 'node:dns'",
    'net.connect(80)',
    'createConnection({ port })',
  ])
    expect(OPENS.test(code)).toBe(true);
});
