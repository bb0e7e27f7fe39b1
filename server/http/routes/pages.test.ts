/** What the two documents are served with, exactly, and to whom. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSettings, type Settings, type SettingsInput } from '../../../shared/settings.ts';
import { createWorld, type World } from '../../testing/http-world.ts';

const FRAME_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; " +
  "frame-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors http://shop.localhost https://www.shop.example:8443";
const ERROR_POLICY = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

function settingsOf(body: string): Settings {
  const written = /<meta name="callgear-settings" content="([^"<>]*)">/.exec(body)?.[1] ?? '';
  return JSON.parse(written.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))) as Settings;
}

describe('the frame document', () => {
  let world: World;
  beforeAll(async () => void (world = await createWorld()));
  afterAll(() => world.close());
  const frame = (site: string, headers: Record<string, string> = {}) =>
    world.ask({ url: `/frame/?site=${site}`, headers: { 'sec-fetch-dest': 'iframe', ...headers } });

  it('[C1] may be embedded by the exact origins of its site and does nothing its policy does not name', async () => {
    const answer = await frame('shop');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': FRAME_POLICY,
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'origin-agent-cluster': '?1',
      'cache-control': 'no-store',
    });
    expect(answer.headers['permissions-policy']).toMatch(/^([a-z-]+=\(\)(, |$))+$/);
    expect(answer.headers).not.toHaveProperty('x-frame-options');
    expect(answer.headers).not.toHaveProperty('strict-transport-security');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('[C1] carries site and origins for the handshake, before any script', async () => {
    const { body } = await frame('shop');
    const origins = /<meta name="callgear-origins" content="([^"]*)">/.exec(body)?.[1]?.replaceAll('&#34;', '"');
    expect(JSON.parse(origins ?? '')).toEqual(['http://shop.localhost', 'https://www.shop.example:8443']);
    expect(body).toContain('<meta name="callgear-site" content="shop">');
    expect(body).toContain('<meta name="callgear-consent" content="on-interaction">');
    expect(body.indexOf('callgear-origins')).toBeLessThan(body.indexOf('<script'));
  });

  it('[RE.settings] carries the told settings and groups of its site, as data only', async () => {
    const title = `</head><script>alert("1")</script> & 'more' $& $\` "`;
    const shop = await world.store.site('shop');
    await world.store.transact([], async (tx) => {
      await tx.saveSite({ ...shop!, settings: parseSettings({ chat: { title, is_groups_enabled: true, h_position: 'left' } }) });
      await tx.saveGroup({ id: 'sales', site: 'shop', name: '"Sales" <b>' });
    });
    const { body } = await frame('shop');
    const settings = settingsOf(body);
    expect(settings.chat).toMatchObject({ title, h_position: 'left', is_groups_enabled: true });
    expect(settings.chat.allowed_groups).toEqual([{ id: 'sales', name: '"Sales" <b>' }]);
    expect(Object.keys(settings)).toEqual(['chat', 'offline_message', 'common', 'consent', 'language']);
    expect(body.match(/<script|<\/head>/g)).toEqual(['<script', '</head>']);
    expect(body.indexOf('callgear-settings')).toBeLessThan(body.indexOf('<script'));
    await world.store.transact([], async (tx) => tx.saveSite(shop!));
  });

  it('[VI.lang] is written in the language that was chosen, with its direction, its texts and the settings in it', async () => {
    const german = (await frame('shop&lang=de-AT&page=fr')).body;
    expect(german).toContain('<html lang="de" dir="ltr"><head><meta');
    expect(german.match(/<link rel="modulepreload"[^>]*>/g)).toEqual([
      '<link rel="modulepreload" href="/frame/assets/texts-3.js">',
      '<link rel="modulepreload" href="/frame/assets/de-4.js">',
    ]);
    expect(settingsOf(german)).toMatchObject({
      language: 'de',
      chat: { title: 'Chatten Sie mit uns' },
      offline_message: { title: 'Nachricht hinterlassen' },
    });
    expect((await frame('shop&page=ar-EG')).body).toContain('<html lang="ar" dir="rtl">');
    expect((await frame('shop', { 'accept-language': 'fi, he;q=0.8' })).body).toContain('<html lang="he" dir="rtl">');
    expect((await frame('shop&lang=%22%3E%3Cscript%3E')).body).toContain('<html lang="en" dir="ltr">');
  });

  it('[VI.lang] gives each text as the site has it in that language, else in all languages, else in our words', async () => {
    const shop = await world.store.site('shop');
    await world.store.transact([], async (tx) => {
      await tx.saveGroup({ id: 'sales', site: 'shop', name: 'Sales' });
      await tx.saveSite({
        ...shop!,
        settings: parseSettings({
          chat: {
            title: 'Ask us',
            greeting: 'Hello',
            fields: [{ name: 'email' }, { name: 'phone', title: 'Mobile' }],
            retention: { messages: [{ timeout: 5, text: 'A moment' }, { timeout: 5 }] },
          },
          common: { language: 'de' },
          translations: {
            de: {
              'chat.title': 'Fragen Sie uns',
              'chat.questions': ['Wo ist mein Paket?'],
              'chat.retention.messages': ['Einen Moment'],
              'groups.sales': 'Verkauf',
            },
          },
          texts: { de: { waiting: 'Gleich!' }, fr: { waiting: 'Bientôt' } },
        } as SettingsInput),
      });
    });
    const told = async (query: string): Promise<Settings> => settingsOf((await frame(`shop${query}`)).body);
    const german = await told('&page=it');
    expect(german.chat).toMatchObject({ title: 'Fragen Sie uns', greeting: 'Hello', questions: ['Wo ist mein Paket?'] });
    expect(german.chat.retention.messages.map(({ text }) => text)).toEqual([
      'Einen Moment',
      'Danke für Ihre Geduld. Gleich ist jemand für Sie da.',
    ]);
    expect(german.chat.fields?.map(({ title }) => title)).toEqual(['E-Mail', 'Mobile']);
    expect(german.chat.allowed_groups).toEqual([{ id: 'sales', name: 'Verkauf' }]);
    expect(german.texts).toEqual({ waiting: 'Gleich!' });
    const swedish = await told('&lang=sv');
    expect(swedish.chat).toMatchObject({ title: 'Ask us', questions: [], allowed_groups: [{ name: 'Sales' }] });
    expect(swedish).not.toHaveProperty('texts');
    expect(JSON.stringify(swedish)).not.toContain('Fragen');
    await world.store.transact([], async (tx) => tx.saveSite(shop!));
  });

  it('[C1] of a site without origins may be embedded by nobody', async () => {
    expect((await frame('empty')).headers['content-security-policy']).toMatch(/frame-ancestors 'none'$/);
  });

  it('[C1] is refused, and cannot be embedded, for an unknown site and for anything but an iframe', async () => {
    for (const [answer, status] of [
      [await frame('nowhere'), 404],
      [await frame('shop&site=empty'), 404],
      [await world.ask({ url: '/frame/', headers: { 'sec-fetch-dest': 'iframe' } }), 404],
      [await frame('shop', { 'sec-fetch-dest': 'document' }), 403],
      [await frame('shop', { 'sec-fetch-dest': 'object' }), 403],
      [await frame('shop', { 'sec-fetch-dest': 'empty' }), 403],
    ] as const) {
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['content-security-policy']).toBe(ERROR_POLICY);
      expect(answer.body).not.toContain('shop');
    }
  });

  it('[C1] writes a foreign embedder down once and takes no notice of it otherwise', async () => {
    const answers = [
      await frame('shop', { referer: 'http://evil.example/page?x=1' }),
      await frame('shop', { referer: 'http://evil.example/other' }),
    ];
    expect(answers.map((answer) => answer.headers['content-security-policy'])).toEqual([FRAME_POLICY, FRAME_POLICY]);
    await frame('shop', { referer: 'http://shop.localhost/basket' });
    await frame('shop', { referer: 'not an address' });
    const site = await world.store.site('shop');
    expect(site?.refused.map(({ origin }) => origin)).toEqual(['http://evil.example']);
    expect(world.lines.filter((line) => line.includes('http://evil.example'))).toHaveLength(1);
  });
});

describe('the frame document on https', () => {
  it('[C1] tells browsers to stay with https, and shows images of a files domain', async () => {
    const world = await createWorld({ env: { PUBLIC_URL: 'https://chat.example', FILES_PUBLIC_URL: 'https://files.example' } });
    const { headers } = await world.ask({ url: '/frame/?site=shop' });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(headers['content-security-policy']).toContain("; img-src 'self' blob: https://files.example; ");
    await world.close();
  });
});

describe('the workplace document', () => {
  let world: World;
  beforeAll(
    async () =>
      void (world = await createWorld({
        env: { OPERATOR_URL: 'http://op.localhost:8080', FILES_PUBLIC_URL: 'http://files.localhost:8080' },
      })),
  );
  afterAll(() => world.close());
  const at = (host: string, url: string) => world.ask({ url, headers: { host } });

  it('[C5] the workplace is alone in its window, never framed, and loads only images from the files domain', async () => {
    const { statusCode, headers } = await at('op.localhost:8080', '/operator/');
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: http://files.localhost:8080; connect-src 'self'; form-action 'none'; " +
        "base-uri 'none'; frame-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });

  it('[D12] answers at its own host only, and each other route at its own', async () => {
    const statuses = async (url: string) => {
      const hosts = ['localhost:8080', 'op.localhost:8080', 'files.localhost:8080'];
      return Promise.all(hosts.map(async (host) => (await at(host, url)).statusCode));
    };
    expect(await statuses('/operator/')).toEqual([404, 200, 404]);
    expect(await statuses('/operator/session')).toEqual([404, 401, 404]);
    expect(await statuses('/operator/assets/index-2.js')).toEqual([404, 200, 404]);
    expect(await statuses('/frame/?site=shop')).toEqual([200, 404, 404]);
    expect(await statuses('/loader.js')).toEqual([200, 404, 404]);
    expect(await statuses('/')).toEqual([302, 302, 404]);
    expect((await at('localhost:8080', '/')).headers.location).toBe('http://op.localhost:8080/operator/');
  });
});
