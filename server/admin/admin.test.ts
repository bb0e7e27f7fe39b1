/** The administration commands as a person at the keyboard meets them, on a directory of their own. */
import { texts } from '../../shared/languages/en.ts';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSettings } from '../../shared/settings.ts';
import { claimDataDir } from '../process/data-dir.ts';
import { verifyPassword } from '../auth/password.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { runAdmin } from './run.ts';
import { Database } from '../store/driver.ts';

const NOW = 1_700_000_000;

/** JSON of ten thousand texts. */
const manyOf = (name: string) => JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`${name}${at}`, 'x'])));

/** Keys of texts with a form for each plural category. */
const PLURALS = /^(answersIn|unread|attached|charactersLeft|charactersOver)$/;

describe('npm run admin', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'admin-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const admin = async (...argv: string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runAdmin(argv, { DATA_DIR: dir }, { print: (line) => out.push(line), complain: (line) => err.push(line) });
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  const done = async (...argv: string[]) => {
    const { code, out, err } = await admin(...argv);
    expect(err).toBe('');
    expect(code).toBe(0);
    return out;
  };
  /** Refused with one line. */
  const refused = async (...argv: string[]) => {
    const { code, out, err } = await admin(...argv);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).not.toContain('\n');
    return err;
  };
  const withStore = async <T>(use: (store: Store) => Promise<T>) => {
    const store = await createSqliteStore({ file: join(dir, 'chat.sqlite'), foreignChangeMs: 500 });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  };
  const addShop = () => done('site', 'add', '--key', 'shop', '--name', 'Shop', '--origin', 'https://shop.example');
  const shop = () => withStore((store) => store.site('shop'));

  describe('understanding', () => {
    it('[SV.admin] answers what it does not understand with the usage and code 2', async () => {
      for (const argv of [[], ['site'], ['site', 'sing'], ['reboot', 'now']]) {
        expect(await admin(...argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage: npm run admin -- COMMAND') });
      }
      for (const argv of [
        ['site', 'add', '--key', 'shop', '--name', 'Shop'],
        ['site', 'add', '--key', 'shop', '--name', 'Shop', '--origin', 'https://a.example', '--colour', 'red'],
        ['site', 'add', '--key', 'a1', '--key', 'b1', '--name', 'Shop', '--origin', 'https://a.example'],
        ['site', 'list', 'all'],
        ['site', 'remove'],
        ['operator', 'revoke', 'a@example.com', 'b@example.com'],
      ]) {
        expect(await admin(...argv)).toMatchObject({
          code: 2,
          out: '',
          err: expect.stringMatching(new RegExp(`^.+\\.\nUsage: npm run admin -- ${argv[0]} ${argv[1]}`)),
        });
      }
      expect(await done('site', 'list')).toBe('');
    });

    it('[SV.admin] lists all commands when asked for help', async () => {
      const help = await done('--help');
      const names = help.split('\n').flatMap((line) => /^ {2}([a-z][a-z ]*[a-z])(?: [[A-Z-].*)?$/.exec(line)?.[1] ?? []);
      expect(names.sort()).toEqual([
        'audit list',
        'backup',
        'group add',
        'group list',
        'group remove',
        'lost list',
        'mail list',
        'mail retry',
        'operator add',
        'operator list',
        'operator passwd',
        'operator revoke',
        'operator set',
        'restore',
        'site add',
        'site get',
        'site key add',
        'site key list',
        'site key remove',
        'site list',
        'site logo',
        'site origin add',
        'site origin remove',
        'site remove',
        'site rename',
        'site set',
        'site show',
        'visitor erase',
        'visitor export',
        'visitor revoke',
      ]);
    });

    it('[SV.admin] says a wrong environment in one line', async () => {
      const err: string[] = [];
      const code = await runAdmin(
        ['site', 'list'],
        { DATA_DIR: dir, PORT: 'x' },
        { print: () => undefined, complain: (line) => err.push(line) },
      );
      expect([code, err]).toEqual([1, ['PORT is "x", expected a port from 1 to 65535, or 0 to have the server choose one.']]);
    });
  });

  describe('sites', () => {
    it('[SV.admin] adds, lists and removes a site with its files', async () => {
      await done('site', 'add', '--key', 'shop', '--name', 'Shop', '--origin', 'https://shop.example', '--origin', 'http://localhost:3000');
      await withStore((store) =>
        store.transact([], async (tx) => {
          await tx.noteRefused('shop', 'https://evil.example', NOW);
          await tx.saveFile({
            id: 'f1',
            site: 'shop',
            visitor: null,
            operator: null,
            name: 'a',
            type: 'b',
            size: 1,
            createdAt: NOW,
            state: 'clean' as const,
          });
        }),
      );
      mkdirSync(join(dir, 'files', 'shop'), { recursive: true });
      writeFileSync(join(dir, 'files', 'shop', 'f1'), 'x');
      expect(await done('site', 'list')).toBe(
        'shop\tShop\thttps://shop.example http://localhost:3000\n\trefused https://evil.example, last at 2023-11-14T22:13:20.000Z',
      );
      await done('site', 'remove', 'shop');
      expect(await done('site', 'list')).toBe('');
      expect(existsSync(join(dir, 'files', 'shop', 'f1'))).toBe(false);
      expect(await refused('site', 'remove', 'shop')).toBe('There is no site "shop". There are: none.');
    });

    it.each([
      ['https://shop.example/', 'perhaps https://shop.example.'],
      ['https://shop.example/path', 'perhaps https://shop.example.'],
      ['HTTPS://Shop.Example', 'perhaps https://shop.example.'],
      ['https://shop.example:443', 'perhaps https://shop.example.'],
      ['https://*.example', 'expected scheme://host[:port]'],
      ['https://a.example; script-src *', 'expected scheme://host[:port]'],
      ['shop.example', 'expected scheme://host[:port]'],
      ['null', 'expected scheme://host[:port]'],
      ['*', 'expected scheme://host[:port]'],
      ['file:///x', 'expected scheme://host[:port]'],
      ['https://u:p@shop.example', 'expected scheme://host[:port]'],
      ['https://*.shop.example', 'There are no wildcards: name each origin.'],
      ['https://shop.example.', 'perhaps https://shop.example.'],
      ['https://shop.example.:8443', 'perhaps https://shop.example:8443.'],
    ])('[SV.admin] takes exact origins only: not %s', async (origin, hint) => {
      expect(await refused('site', 'add', '--key', 'shop', '--name', 'Shop', '--origin', origin)).toContain(hint);
      expect(await shop()).toBeUndefined();
    });

    it('[SV.admin] refuses a key that is none, or taken', async () => {
      await addShop();
      expect(await refused('site', 'add', '--key', 'shop', '--name', 'Other', '--origin', 'https://b.example')).toBe(
        'There is a site shop already.',
      );
      for (const key of ['S', 'Shop', '-x', 'a', 'a_b', 'x'.repeat(64)]) {
        expect(await refused('site', 'add', `--key=${key}`, '--name', 'N', '--origin', 'https://b.example')).toContain(
          'expected 2 to 63 of a-z',
        );
      }
      expect((await shop())?.name).toBe('Shop');
    });

    it('[SV.admin] adds and removes origins', async () => {
      await addShop();
      await done('site', 'origin', 'add', 'shop', 'http://127.0.0.1:8081');
      await done('site', 'origin', 'remove', 'shop', 'https://shop.example');
      expect((await shop())?.origins).toEqual(['http://127.0.0.1:8081']);
      expect(await refused('site', 'origin', 'add', 'shop', 'http://127.0.0.1:8081')).toContain('already');
      expect(await refused('site', 'origin', 'remove', 'shop', 'https://shop.example')).toContain('It has: http://127.0.0.1:8081.');
    });

    it('[FF.B10] prints the line for the page, shows a site whole, reads one setting, renames', async () => {
      const tag = '<script async src="http://localhost:8080/loader.js" data-site="shop"></script>';
      expect(await addShop()).toBe(`Site shop added. Its pages need: ${tag}`);
      await done('group', 'add', '--site', 'shop', '--name', 'Sales');
      expect(await done('site', 'rename', 'shop', 'Corner shop')).toBe('shop is called Corner shop, before: Shop.');
      await done('site', 'set', 'shop', 'chat.title', '"Ask us"');
      const shown = await done('site', 'show', 'shop');
      for (const line of [
        'shop\tCorner shop',
        `script\t${tag}`,
        'origin\thttps://shop.example',
        'group\tshop/sales\tSales',
        'chat.title\t"Ask us"',
      ]) {
        expect(shown.split('\n')).toContain(line);
      }
      expect(await done('site', 'get', 'shop', 'chat.title')).toBe('"Ask us"');
      expect(JSON.parse(await done('site', 'get', 'shop', 'chat.retention'))).toMatchObject({ messages: [{ timeout: 30 }] });
      expect(await refused('site', 'get', 'shop', 'chat.titel')).toMatch(/^There is no setting chat\.titel\. chat has: title, /);
      // Every line that is a setting can be given back as it is printed.
      for (const line of shown.split('\n').filter((each) => /^\w+(\.\w+)*\t/.test(each) && !/^(script|origin|group|shop)\t/.test(each))) {
        const [path = '', json = ''] = line.split('\t');
        if (!path.endsWith('allowed_groups')) await done('site', 'set', 'shop', path, json);
      }
      expect(await done('site', 'show', 'shop')).toBe(shown);
    });

    it('[SV.admin] sets one setting and leaves the others', async () => {
      await addShop();
      await done('site', 'set', 'shop', 'chat.title', '"Ask us"');
      await done('site', 'set', 'shop', 'chat.retention.messages', '[{"timeout":5,"text":"Soon"}]');
      await done('site', 'set', 'shop', 'chat.retention.messages.0.timeout', '7');
      await done('site', 'set', 'shop', 'chat.fields', '[{"name":"email","is_required":true}]');
      const settings = (await shop())?.settings;
      expect(settings?.chat).toMatchObject({
        title: 'Ask us',
        is_file_transfer: true,
        retention: { messages: [{ timeout: 7, text: 'Soon' }] },
        fields: [{ name: 'email', is_required: true, title: '' }],
      });
    });

    it('[VI.lang] sets a text of one language by its path, shows it and takes it away', async () => {
      await addShop();
      await done('site', 'set', 'shop', 'translations.de.chat.title', '"Fragen Sie uns"');
      await done('site', 'set', 'shop', 'texts.de.unread', '{"one":"{n} Neues","other":"{n} Neue"}');
      expect((await shop())?.settings).toMatchObject({
        translations: { de: { 'chat.title': 'Fragen Sie uns' } },
        texts: { de: { unread: { one: '{n} Neues', other: '{n} Neue' } } },
      });
      expect(await done('site', 'get', 'shop', 'translations.de.chat.title')).toContain('"Fragen Sie uns"');
      expect(await done('site', 'get', 'shop', 'translations.fr.chat.title')).toContain('null');
      expect(await done('site', 'show', 'shop')).toContain('translations.de.chat.title\t"Fragen Sie uns"');
      await done('site', 'set', 'shop', 'translations.de.chat.title', 'null');
      await done('site', 'set', 'shop', 'texts', '{}');
      expect((await shop())?.settings).toMatchObject({ translations: {}, texts: {} });
    });

    it('[VI.lang] makes the logo anew from its pixels, and refuses what is none', async () => {
      await addShop();
      const logo = join(dir, 'logo.png');
      await sharp({ create: { width: 300, height: 100, channels: 3, background: '#c00' } })
        .png()
        .toFile(logo);
      await done('site', 'logo', 'shop', logo);
      const address = (await shop())?.settings.common.logo ?? '';
      expect(address).toMatch(/^http:\/\/localhost:8080\/avatars\/[\w-]{22}\.png$/);
      const kept = await sharp(readFileSync(join(dir, 'avatars', address.split('/').at(-1) ?? ''))).metadata();
      expect(kept).toMatchObject({ format: 'png', width: 160, height: 160 });
      writeFileSync(logo, Buffer.alloc(10 * 1024 * 1024));
      expect(await refused('site', 'logo', 'shop', logo)).toContain('has 10485760 bytes, expected at most 1048576.');
      writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>');
      expect(await refused('site', 'logo', 'shop', logo)).toContain('is no picture that can be shown, expected PNG, JPEG, WebP or GIF.');
      expect((await shop())?.settings.common.logo).toBe(address);
      await done('site', 'logo', 'shop', '');
      expect((await shop())?.settings.common.logo).toBe('');
    });

    it.each([
      ['chat.titel', '"x"', /^There is no setting chat\.titel\. chat has: title, /],
      [
        'title',
        '"x"',
        /^There is no setting title\. The settings have: chat, offline_message, common, consent, absence, alert, keep, mail, translations, texts\.$/,
      ],
      ['chat.title.x', '"x"', /^There is no setting chat\.title\.x\. chat\.title has: nothing below it\.$/],
      ['__proto__.polluted', 'true', /^There is no setting/],
      ['chat.constructor', 'true', /^There is no setting/],
      ['chat.retention.messages.length', '0', /^There is no setting/],
      ['chat.allowed_groups', '[]', /^chat\.allowed_groups follows from the site's groups/],
      ['chat.title', 'Ask us', /^The value is "Ask us", expected JSON; a text needs its double quotes: '"Ask us"'/],
      ['chat.title', '5', /^chat\.title: .*Expected string but received 5.* Nothing was changed\.$/],
      ['common.banner_color', '"red"', /^common\.banner_color: expected a colour/],
      ['chat.fields', '[{"name":"age"}]', /^chat\.fields\.0\.name: .*Expected \("name" \| "email"/],
      ['consent', '"never"', /^consent: .*Expected/],
      ['alert.repeat_seconds', '3601', /^alert\.repeat_seconds: .*Nothing was changed\.$/],
      ['alert.repeat_seconds', '"often"', /^alert\.repeat_seconds: .*Expected number.* Nothing was changed\.$/],
      ['chat.greeting', JSON.stringify('x'.repeat(2_000)), /^chat\.greeting: Invalid length: Expected <=300 but received 2000\. Nothing/],
      ['chat.questions', JSON.stringify(Array(20).fill('Where?')), /^chat\.questions: Invalid length: Expected <=4 but received 20\. /],
      ['common.time_zone', '"Mars/Olympus"', /^common\.time_zone: expected a time zone such as "Europe\/Berlin"\. Nothing/],
      ['common.language', '"xx"', /^common\.language: .*Expected .*"de"/],
      ['common.logo', '"https://evil.example/x.png"', /^common\.logo is made of a picture\. Use: site logo$/],
      [
        'translations.xx.chat.title',
        '"x"',
        /^translations\.xx: there is no such language, expected one of en, de, .*\. Nothing was changed\.$/,
      ],
      ['translations.de.chat.titel', '"x"', /^translations\.de\.chat\.titel: there is no such text, expected one of chat\.title, /],
      [
        'translations.de.chat.title',
        JSON.stringify('x'.repeat(81)),
        /^translations\.de\.chat\.title: 81 characters, expected at most 80\. /,
      ],
      ['translations.de.chat.questions', '["1","2","3","4","5"]', /^translations\.de\.chat\.questions: 5 texts, expected at most 4\. /],
      ['translations.de', '[]', /^translations\.de: expected an object of texts\. /],
      [
        'texts.de.typing',
        '"{nmae} schreibt"',
        /^texts\.de\.typing: there is no \{nmae\} in this text, expected \{name\}\. Nothing was changed\.$/,
      ],
      ['texts.de.waiting', '"{n} Minuten"', /^texts\.de\.waiting: there is no \{n\} in this text, expected no placeholder\. /],
      ['texts.de.wating', '"x"', /^texts\.de\.wating: there is no such text, expected one of open, close, /],
      ['texts.de.unread', '"{n} neue"', /^texts\.de\.unread: it depends on a number, expected a text for each of one, other\. /],
      [
        'texts.pl.unread',
        '{"one":"{n}","other":"{n}"}',
        /^texts\.pl\.unread: the form "few" is missing, expected a text for each of .*few/,
      ],
      [
        'texts.de.unread',
        '{"one":"{n}","few":"{n}","other":"{n}"}',
        /^texts\.de\.unread: there is no form "few" in this language, expected/,
      ],
      ['texts.de.waiting', JSON.stringify('x'.repeat(301)), /^texts\.de\.waiting: 301 characters, expected at most 300\. /],
      [
        'texts.de',
        JSON.stringify(
          Object.fromEntries(
            Object.keys(texts)
              .map((key) => [key, 'x'.repeat(290)])
              .filter(([key]) => !key?.match(PLURALS)),
          ),
        ),
        /^texts: \d+ bytes in all, expected at most 16384\. /,
      ],
      ['texts', '[]', /^texts: expected an object of languages\. /],
      ['texts', '5', /^texts: expected an object of languages\. /],
      ['translations', '"de"', /^translations: expected an object of languages\. /],
      ['texts', '{"de":[]}', /^texts\.de: expected an object of texts\. /],
      ['texts.de', '5', /^texts\.de: expected an object of texts\. /],
      ['texts.de-AT.typing', '"x"', /^texts\.de-AT: there is no such language, expected one of en, de, /],
      ['translations.DE.chat.title', '"x"', /^translations\.DE: there is no such language, /],
      ['translations.pt.chat.title', '"x"', /^translations\.pt: there is no such language, expected one of .*pt-BR/],
      ['texts..typing', '"x"', /^texts\.: there is no such language, /],
      ['texts.__proto__.typing', '"x"', /^texts\.__proto__: there is no such language, /],
      ['texts', '{"__proto__":{"typing":"x"}}', /^texts\.__proto__: there is no such language, /],
      ['texts.de.__proto__', '"x"', /^texts\.de\.__proto__: there is no such text, /],
      ['texts.de.constructor', '"x"', /^texts\.de\.constructor: there is no such text, /],
      [
        'texts.de.unread',
        '{"one":"{n}","other":"{n}","__proto__":"x"}',
        /^texts\.de\.unread: there is no form "__proto__" in this language/,
      ],
      ['texts.de.unread.one', '"{n}"', /^texts\.de\.unread\.one: there is no such text, /],
      ['texts.de.unread', '["{n}"]', /^texts\.de\.unread: it depends on a number, expected a text for each of one, other\. /],
      ['texts.de.unread', '{"one":"{n}","other":5}', /^texts\.de\.unread: other: expected a text that is not empty\. /],
      ['texts.de.unread', '{"one":"{n}","other":"{m}"}', /^texts\.de\.unread: other: there is no \{m\} in this text, expected \{n\}\. /],
      ['texts.de.typing', '["{name}"]', /^texts\.de\.typing: expected a text that is not empty\. /],
      ['texts.de.typing', '5', /^texts\.de\.typing: expected a text that is not empty\. /],
      ['translations.de.chat.title', '"  "', /^translations\.de\.chat\.title: expected a text that is not empty\. /],
      ['translations.de.chat.questions', '{"0":"?"}', /^translations\.de\.chat\.questions: expected a list of at most 4 texts\. /],
      ['translations.de.chat.questions', '[["?"]]', /^translations\.de\.chat\.questions: expected a text that is not empty\. /],
      ['texts.de', manyOf('key'), /^texts\.de\.key0: there is no such text, /],
      ['texts', manyOf('x'), /^texts\.x0: there is no such language, /],
      ['translations.de', manyOf('groups.'), /^translations\.de: names of 10000 groups, expected at most 200\. /],
    ])('[SV.admin] [VI.lang] refuses the setting %s = %s and changes nothing', async (path, json, line) => {
      await addShop();
      const before = await shop();
      expect(await refused('site', 'set', 'shop', path, json)).toMatch(line);
      expect(await shop()).toEqual(before);
    });

    it('[SV.admin] adds, renames and lists groups', async () => {
      await addShop();
      await done('group', 'add', '--site', 'shop', '--name', 'Sales & more');
      await done('group', 'add', '--site', 'shop', '--name', 'Support', '--id', '7');
      await done('group', 'add', '--site', 'shop', '--name', 'Help', '--id', '7');
      expect(await done('group', 'list')).toBe('shop/sales-more\tSales & more\nshop/7\tHelp');
      expect(await done('group', 'list', '--site', 'shop')).toContain('shop/7');
      expect(await refused('group', 'add', '--site', 'none', '--name', 'X')).toContain('There is no site "none"');
      expect(await refused('group', 'add', '--site', 'shop', '--name', '!!')).toContain('Give one with --id');
    });
  });

  describe('operators', () => {
    const ann = () => withStore((store) => store.operatorByEmail('ann@example.com'));

    it('[SV.admin] adds an operator with a generated password, shown once', async () => {
      const out = await done('operator', 'add', '--email', 'Ann@Example.com', '--name', 'Ann', '--position', 'Sales');
      const password = /^Password \(shown once\): (\w{24})$/m.exec(out)?.[1] ?? '';
      const operator = await ann();
      expect(operator).toMatchObject({
        email: 'ann@example.com',
        card: { name: 'Ann', position: 'Sales', avatar: null },
        sites: [],
        groups: [],
        isRevoked: false,
      });
      expect(await verifyPassword(operator?.passwordHash, password)).toBe(true);
      expect(await done('operator', 'list')).toBe('ann@example.com\tAnn\t(all sites)\t(all groups)');
    });

    it('[SV.admin] takes a given password, sites and groups', async () => {
      await addShop();
      await done('group', 'add', '--site', 'shop', '--name', 'Sales');
      const out = await done(
        'operator',
        'add',
        '--email',
        'ann@example.com',
        '--name',
        'Ann',
        '--site',
        'shop',
        '--group',
        'sales',
        '--password',
        'given horse',
      );
      expect(out).not.toContain('given');
      expect(await ann()).toMatchObject({ sites: ['shop'], groups: ['shop/sales'] });
      expect(await done('operator', 'list')).toBe('ann@example.com\tAnn\tshop\tshop/sales');
      expect(await verifyPassword((await ann())?.passwordHash, 'given horse')).toBe(true);
      const add = (...more: string[]) => refused('operator', 'add', '--email', 'bea@example.com', '--name', 'Bea', ...more);
      expect(await add('--site', 'nowhere')).toContain('There is no site "nowhere"');
      expect(await add('--group', 'cooking')).toContain('There are: shop/sales.');
      expect(await add('--avatar', join(dir, 'absent.png'))).toContain('cannot be read');
      expect(await refused('operator', 'add', '--email', 'ANN@example.com', '--name', 'Ann')).toContain('already');
      expect(await refused('operator', 'add', '--email', 'no address', '--name', 'N')).toContain('expected one address');
      expect(await withStore((store) => store.operators())).toHaveLength(1);
    });

    it('[FF.B9] refuses passwords that are guessed, and names that are too long or not seen', async () => {
      const add = (email: string, name: string, ...more: string[]) => refused('operator', 'add', '--email', email, '--name', name, ...more);
      const password = (value: string) => add('ann@example.com', 'Ann Anders', '--password', value);
      expect(await password('a')).toBe('--password has 1 character, expected 8 to 256. Leave it out to have one made up.');
      expect(await password('')).toContain('has 0 characters');
      expect(await password('x'.repeat(257))).toContain('has 257 characters');
      for (const guessed of ['password', 'Passw0rd', '12345678', 'qwertyuiop', 'CHANGEME', 'operator'])
        expect(await password(guessed)).toContain('tried first');
      expect(await password('abababab')).toContain('repeats');
      for (const own of ['ann@example.com', 'Ann Anders']) expect(await password(own)).toContain("operator's own");
      expect(await add('bea@example.com', 'x'.repeat(81))).toBe('--name has 81 characters, expected at most 80.');
      for (const unseen of ['Ann\u001b[2J', 'A\nB', 'Ann\u202eeve', '\u0085', 'A\ud800'])
        expect(await add('bea@example.com', `x${unseen}`)).toContain('not seen');
      expect(await add('bea@example.com', 'Bea', '--position', 'x'.repeat(100_000))).toContain('--position has 100000 characters');
      expect(await withStore((store) => store.operators())).toEqual([]);
      await done('operator', 'add', '--email', 'ann@example.com', '--name', 'Ann');
      expect(await refused('operator', 'passwd', 'ann@example.com', '--password', 'ann')).toContain('has 3 characters');
      expect(await refused('site', 'add', '--key', 'shop', '--name', '\u001b]0;owned\u0007', '--origin', 'https://shop.example')).toContain(
        'not seen',
      );
      await addShop();
      expect(await refused('site', 'rename', 'shop', 'x'.repeat(81))).toContain('at most 80');
      expect(await refused('group', 'add', '--site', 'shop', '--name', 'a\u009bb', '--id', 'a')).toContain('not seen');
    });

    it('[FF.B9] never gives a terminal what it would obey, whatever was stored or typed', async () => {
      await withStore((store) =>
        store.transact([], async (tx) => {
          await tx.saveSite({
            key: 'old',
            name: '\u001b[31mred\u009b2J\u202e',
            origins: ['https://old.example'],
            settings: parseSettings({}),
          });
        }),
      );
      const list = await done('site', 'list');
      expect(list).toContain('old\t\\u001b[31mred\\u009b2J\\u202e\thttps://old.example');
      expect(await refused('site', 'show', '\u001b[2J')).not.toContain('\u001b');
      expect((await admin('\u001b[2J')).err).not.toContain('\u001b');
    });

    it('[FF.B10] changes only the named fields and says what it did', async () => {
      await addShop();
      await done('site', 'add', '--key', 'other', '--name', 'Other', '--origin', 'https://other.example');
      await done('group', 'add', '--site', 'shop', '--name', 'Sales');
      await done(
        'operator',
        'add',
        '--email',
        'ann@example.com',
        '--name',
        'Ann',
        '--position',
        'Sales',
        '--site',
        'shop',
        '--group',
        'sales',
      );
      const { passwordHash } = (await ann())!;
      expect(await done('operator', 'set', 'ann@example.com', '--name', 'Anna', '--position', '')).toBe(
        'Operator ann@example.com changed. Name: Ann → Anna. Position: Sales → none.',
      );
      expect(await ann()).toMatchObject({ card: { name: 'Anna', position: null }, sites: ['shop'], groups: ['shop/sales'], passwordHash });
      expect(await done('operator', 'set', 'ann@example.com', '--name', 'Anna')).toBe('Operator ann@example.com: nothing is different.');
      // What she may see never grows by taking something away.
      expect(await refused('operator', 'set', 'ann@example.com', '--site', 'other')).toContain('None of the groups belongs to these sites');
      expect(await done('operator', 'set', 'ann@example.com', '--site', 'other', '--all-groups', 'yes')).toContain(
        'Sites: shop → other. Groups: shop/sales → all',
      );
      expect(await done('operator', 'set', 'ann@example.com', '--all-sites', 'yes', '--group', 'sales')).toContain(
        'Sites: other → all. Groups: all → shop/sales',
      );
      expect(await refused('operator', 'set', 'ann@example.com', '--group', 'cooking')).toContain('There are: shop/sales.');
      expect(await refused('operator', 'set', 'nobody@example.com', '--name', 'N')).toContain('There is no operator');
      await done('operator', 'add', '--email', 'bea@example.com', '--name', 'Bea');
      expect(await refused('operator', 'set', 'bea@example.com', '--email', 'ann@example.com')).toContain('already');
      expect(await admin('operator', 'set', 'ann@example.com')).toMatchObject({
        code: 2,
        err: expect.stringContaining('Nothing is named'),
      });
      expect(await admin('operator', 'set', 'ann@example.com', '--all-sites', 'no')).toMatchObject({
        code: 2,
        err: expect.stringContaining('expected yes'),
      });
    });

    it('[FF.B10] removes a group, unless somebody would then answer for all of them', async () => {
      await addShop();
      for (const name of ['Sales', 'Support']) await done('group', 'add', '--site', 'shop', '--name', name);
      await done(
        'operator',
        'add',
        '--email',
        'ann@example.com',
        '--name',
        'Ann',
        '--site',
        'shop',
        '--group',
        'sales',
        '--group',
        'support',
      );
      await done('operator', 'add', '--email', 'bea@example.com', '--name', 'Bea', '--site', 'shop', '--group', 'support');
      expect(await refused('group', 'remove', '--site', 'shop', '--id', 'support')).toContain(
        'bea@example.com answers for shop/support alone',
      );
      expect(await done('group', 'remove', '--site', 'shop', '--id', 'sales')).toBe(
        'Group shop/sales was removed (operators who answered for it: 1).',
      );
      expect((await ann())?.groups).toEqual(['shop/support']);
      expect(await done('group', 'list')).toBe('shop/support\tSupport');
      expect(await refused('group', 'remove', '--site', 'shop', '--id', 'sales')).toBe('shop has no group "sales". There are: support.');
    });

    it('[SV.admin] makes the avatar anew as a square picture under a name of its own', async () => {
      const photo = join(dir, 'photo.jpg');
      await sharp({ create: { width: 600, height: 300, channels: 3, background: '#f00' } })
        .jpeg()
        .withExif({ IFD0: { Copyright: 'SECRET-PLACE' } })
        .toFile(photo);
      expect(readFileSync(photo).includes('SECRET-PLACE')).toBe(true);
      await done('operator', 'add', '--email', 'ann@example.com', '--name', 'Ann', '--avatar', photo);
      const avatar = (await ann())?.card.avatar ?? '';
      expect(avatar).toMatch(/^http:\/\/localhost:8080\/avatars\/[\w-]{22}\.png$/);
      const kept = readFileSync(join(dir, 'avatars', avatar.split('/').at(-1) ?? ''));
      expect(await sharp(kept).metadata()).toMatchObject({ format: 'png', width: 256, height: 256 });
      expect(kept.includes('SECRET-PLACE')).toBe(false);
      const addBea = () => refused('operator', 'add', '--email', 'bea@example.com', '--name', 'Bea', '--avatar', photo);
      for (const none of ['<svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>']) {
        writeFileSync(photo, none);
        expect(await addBea()).toContain('is no picture that can be shown, expected PNG, JPEG, WebP or GIF.');
      }
      truncateSync(photo, 20 * 1024 * 1024 + 1);
      expect(await addBea()).toContain('has 20971521 bytes, expected at most 20971520.');
    });

    it('[SV.admin] ends all sessions with a new password and with a revocation', async () => {
      await done('operator', 'add', '--email', 'ann@example.com', '--name', 'Ann', '--password', 'old horses');
      const id = (await ann())?.id ?? '';
      const signIn = () =>
        withStore((store) =>
          store.transact([], (tx) =>
            tx.saveSession({ id: 's', tokenHash: 't', site: null, visitor: null, operator: id, csrf: '', expiresAt: 4e9 }),
          ),
        );
      const session = () => withStore((store) => store.session('s', NOW));
      await signIn();
      await done('operator', 'passwd', 'ann@example.com', '--password', 'new horses');
      expect(await session()).toBeUndefined();
      expect(await verifyPassword((await ann())?.passwordHash, 'new horses')).toBe(true);
      await signIn();
      await done('operator', 'revoke', 'Ann@example.com');
      expect(await session()).toBeUndefined();
      expect(await ann()).toMatchObject({ isRevoked: true });
      expect(await done('operator', 'list')).toContain('revoked');
      expect(await refused('operator', 'revoke', 'nobody@example.com')).toContain('There is no operator');
      await done('operator', 'add', '--email', 'ann@example.com', '--name', 'Ann again', '--password', 'back again');
      expect(await ann()).toMatchObject({ id, isRevoked: false, card: { name: 'Ann again' } });
    });
  });

  describe('mails', () => {
    it('[FF.B8] lists what waits and why, a page at a time, and tries it at once', async () => {
      await addShop();
      expect(await done('mail', 'list')).toBe('');
      expect(await refused('mail', 'retry')).toBe('No mail is waiting.');
      const trouble = { code: 'EAUTH', step: 'AUTH PLAIN', status: 535, sinceMs: NOW * 1000 };
      const job = (n: number, more = {}) => ({
        key: `mail:v:${String(n).padStart(4, '0')}`,
        kind: 'mail' as const,
        site: 'shop',
        visitor: 'v',
        runAtMs: 4e12,
        tries: 3,
        payload: { address: 'vera@home.example', ...more },
      });
      await withStore((store) =>
        store.transact([], async (tx) => {
          await tx.putJob(job(0, { trouble }));
          for (let n = 1; n < 250; n += 1) await tx.putJob(job(n));
        }),
      );
      const list = (await done('mail', 'list')).split('\n');
      expect(list).toHaveLength(250);
      expect(list[0]).toBe(
        'shop\tto v…@home.example\ttries 3\tnext at 2096-10-02T07:06:40.000Z\tEAUTH at AUTH PLAIN (535), failing since 2023-11-14T22:13:20.000Z',
      );
      expect(await done('mail', 'retry')).toContain('tried now: 250');
      expect(await withStore((store) => store.dueJobs(Date.now() + 1_000, 1_000))).toHaveLength(250);
    });
  });

  describe('identity keys', () => {
    beforeEach(async () => void (await addShop()));
    const keys = () => withStore((store) => store.identityKeys('shop'));
    const file = (text: string) => {
      const path = join(dir, 'key');
      writeFileSync(path, text);
      return path;
    };

    it('[D3] [SV.admin] are made here and shown once, or read from a file', async () => {
      const made = await done('site', 'key', 'add', 'shop', '--id', 'k1');
      const secret = made.split('\n').at(-1) ?? '';
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      expect(await done('site', 'key', 'add', 'shop', '--id', 'e1', '--alg', 'ES256', '--from', file(pem))).not.toContain('shown once');
      expect(await done('site', 'key', 'add', 'shop', '--id', 'e2', '--alg', 'ES256')).toContain('BEGIN PRIVATE KEY');
      expect((await keys()).map(({ kid, alg }) => `${kid} ${alg}`).sort()).toEqual(['e1 ES256', 'e2 ES256', 'k1 HS256']);
      expect((await keys()).find(({ kid }) => kid === 'k1')?.key).toBe(secret);
      expect((await keys()).find(({ kid }) => kid === 'e1')?.key).toBe(pem);
      const list = await done('site', 'key', 'list', 'shop');
      expect(list).toMatch(/^k1\tHS256\tsince \d{4}-/m);
      expect(list).not.toContain(secret);
      await done('site', 'key', 'remove', 'shop', 'k1');
      expect((await keys()).map(({ kid }) => kid).sort()).toEqual(['e1', 'e2']);
    });

    it('[D3] [SV.admin] are refused when they are weak, of another kind, private, or there already', async () => {
      const add = (...rest: string[]) => refused('site', 'key', 'add', 'shop', '--id', 'k1', ...rest);
      expect(await add('--from', file('too short'))).toContain('shorter than 32 bytes');
      expect(await add('--alg', 'ES256', '--from', file('no key'))).toContain('expected PEM of a key on the curve P-256');
      const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
      expect(await add('--alg', 'ES256', '--from', file(rsa))).toContain('expected PEM of a key on the curve P-256');
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      expect(await add('--alg', 'ES256', '--from', file(own))).toContain('holds a private key');
      expect(await add('--from', join(dir, 'nowhere'))).toContain('cannot be read');
      expect(await admin('site', 'key', 'add', 'shop', '--id', 'k1', '--alg', 'none')).toMatchObject({
        code: 2,
        err: expect.stringContaining('expected HS256 or ES256'),
      });
      expect(await refused('site', 'key', 'add', 'shop', '--id', 'a b')).toContain('--id is "a b"');
      await done('site', 'key', 'add', 'shop', '--id', 'k1');
      expect(await add()).toContain('already');
      expect(await refused('site', 'key', 'remove', 'shop', 'k9')).toBe('shop has no key "k9".');
      expect(await refused('site', 'key', 'add', 'nowhere', '--id', 'k1')).toContain('There is no site "nowhere"');
    });
  });

  describe('visitors', () => {
    const author = { kind: 'visitor' } as const;
    const operator = { kind: 'operator', id: 'ann', card: { name: 'Ann', position: null, avatar: null } } as const;
    const file = (id: string, visitor: string | null) => ({
      id,
      site: 'shop',
      visitor,
      operator: visitor === null ? 'ann' : null,
      name: 'a.txt',
      type: 'text/plain',
      size: 1,
      createdAt: NOW,
      state: 'clean' as const,
    });
    const info = (id: string) => ({ link: `http://localhost:8080/files/${id}/a.txt`, name: 'a.txt', size: 1, type: 'text/plain' });

    beforeEach(async () => {
      await addShop();
      await withStore((store) =>
        store.transact([], async (tx) => {
          for (const id of ['vera', 'will']) {
            await tx.createVisitor({ id, site: 'shop', card: { email: [`${id}@secret.example`] }, invite: null, createdAt: NOW });
            const chat = await tx.createChat('shop', id);
            await tx.append(chat, { kind: 'chat.started', uid: null, author, group: null, via: 'message' }, NOW);
            await tx.append(chat, { kind: 'message.added', uid: 'u', author, text: `Words of ${id}`, file: null }, NOW);
            await tx.append(chat, { kind: 'message.added', uid: null, author: operator, text: 'a.txt', file: info(`op-${id}`) }, NOW);
            for (const each of [file(`up-${id}`, id), file(`op-${id}`, null)]) await tx.saveFile(each);
            await tx.noteSent(file(`op-${id}`, null), chat.summary.id);
            await tx.saveSession({
              id: `s-${id}`,
              tokenHash: `hash of ${id}`,
              site: 'shop',
              visitor: id,
              operator: null,
              csrf: '',
              expiresAt: NOW * 2,
            });
            const payload = { visitor: id, address: `${id}@secret.example` };
            await tx.putJob({ key: `mail:${id}:u`, kind: 'mail', site: 'shop', visitor: id, runAtMs: NOW, tries: 1, payload });
          }
        }),
      );
      mkdirSync(join(dir, 'files', 'shop'), { recursive: true });
      for (const id of ['vera', 'will']) for (const by of ['up', 'op']) writeFileSync(join(dir, 'files', 'shop', `${by}-${id}`), 'x');
      mkdirSync(join(dir, 'mail'));
      for (const id of ['vera', 'will']) writeFileSync(join(dir, 'mail', `${id}-1.eml`), 'x');
    });

    it('[D4] [SV.admin] signs a visitor out everywhere, and nobody else', async () => {
      expect(await done('visitor', 'revoke', 'vera')).toBe(
        'Visitor vera is signed out (sessions: 1). Pages that are open go on as somebody new.',
      );
      await withStore(async (store) => {
        expect([await store.sessionsOf('shop', 'vera'), (await store.sessionsOf('shop', 'will')).length]).toEqual([[], 1]);
        expect(await store.visitor('shop', 'vera')).toBeDefined();
      });
      expect(await refused('visitor', 'revoke', 'nobody')).toBe('There is no visitor "nobody".');
    });

    it('[SV.admin] exports all there is about a visitor, and about nobody else', async () => {
      const text = await done('visitor', 'export', 'vera');
      const data: unknown = JSON.parse(text);
      expect(data).toMatchObject({
        visitor: { id: 'vera', card: { email: ['vera@secret.example'] } },
        chats: [{ number: 1, events: [{ kind: 'chat.started' }, { text: 'Words of vera' }, { file: { name: 'a.txt' } }] }],
        requests: [],
        files: [{ id: 'up-vera', path: join(dir, 'files', 'shop', 'up-vera') }, { id: 'op-vera' }],
        mails: [join(dir, 'mail', 'vera-1.eml')],
        sessions: [{ id: 's-vera', expiresAt: NOW * 2 }],
        jobs: [{ key: 'mail:vera:u', payload: { address: 'vera@secret.example' } }],
      });
      expect(text).not.toContain('hash of');
      expect(text).not.toContain('will');
      expect(await refused('visitor', 'export', 'nobody')).toBe('There is no visitor "nobody".');
    });

    it('[P5] [VI.lang] exports the language of a visitor, and erases it with them', async () => {
      const language = async () =>
        (JSON.parse(await done('visitor', 'export', 'vera')) as { visitor: { language: unknown } }).visitor.language;
      expect(await language()).toBeNull();
      await withStore((store) => store.transact([], (tx) => tx.setLanguage('shop', 'vera', 'pt-BR')));
      expect(await language()).toBe('pt-BR');
      await done('visitor', 'erase', 'vera');
      const db = new Database(join(dir, 'chat.sqlite'), { readonly: true });
      expect(db.prepare('SELECT id, language FROM visitor').all()).toEqual([{ id: 'will', language: null }]);
      db.close();
    });

    it('[P5] [SV.admin] exports every row that names the visitor, a chat or a file of theirs', async () => {
      await withStore((store) =>
        store.transact([], async (tx) => {
          await tx.saveRequest({
            id: 'r-vera',
            site: 'shop',
            visitor: 'vera',
            date: NOW,
            way: 'sitephone',
            request: { phone: '+31 20' },
            isDone: false,
          });
          await tx.note({ date: NOW, site: 'shop', operator: 'ann', visitor: 'vera', deed: 'open' });
        }),
      );
      const data = JSON.parse(await done('visitor', 'export', 'vera')) as Record<
        string,
        { id: string; events: { message_id: string }[] }[]
      > & { visitor: object };
      const text = JSON.stringify(data);
      const db = new Database(join(dir, 'chat.sqlite'), { readonly: true });
      const rows = (query: string) => db.prepare(query).all() as Record<string, string | number>[];
      expect(data['visitor']).toMatchObject({ id: 'vera', createdAt: NOW });
      expect(data['chats']?.map(({ id }) => id)).toEqual(rows("SELECT id FROM chat WHERE visitor = 'vera'").map(({ id }) => id));
      const events = rows("SELECT event.* FROM event JOIN chat ON chat.id = event.chat WHERE chat.visitor = 'vera' ORDER BY seq");
      expect(data['chats']?.flatMap((chat) => chat.events.map(({ message_id }) => message_id))).toEqual(
        events.map(({ message_id }) => message_id),
      );
      for (const { body } of events)
        for (const [name, value] of Object.entries(JSON.parse(String(body)) as object))
          expect(data['chats']?.[0]?.events).toContainEqual(expect.objectContaining({ [name]: value }));
      expect(data['requests']?.map(({ id }) => id)).toEqual(rows("SELECT id FROM request WHERE visitor = 'vera'").map(({ id }) => id));
      expect(data['files']?.map(({ id }) => id).sort()).toEqual(['op-vera', 'up-vera']);
      expect(data['sessions']?.map(({ id }) => id)).toEqual(rows("SELECT id FROM session WHERE visitor = 'vera'").map(({ id }) => id));
      expect(data['readings']).toMatchObject([{ deed: 'open', operator: 'ann' }]);
      // And no table holds the visitor that the export does not know.
      const tables = rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => String(name));
      const naming = tables.filter((table) =>
        rows(`SELECT * FROM "${table}"`).some((row) => Object.values(row).some((value) => String(value).includes('vera'))),
      );
      expect(naming.sort()).toEqual(['audit', 'chat', 'event', 'file', 'job', 'request', 'session', 'visitor']);
      expect(text).toContain('+31 20');
      db.close();
    });

    it('[FF.A2] [SV.pages] exports a conversation of any length piece by piece', async () => {
      await withStore((store) =>
        store.transact([], async (tx) => {
          const chat = await tx.openChatOf('shop', 'vera');
          for (let at = 0; at < 300; at += 1)
            if (chat)
              await tx.append(chat, { kind: 'message.added', uid: null, author, text: `line ${at};${'x'.repeat(5_000)}`, file: null }, NOW);
        }),
      );
      const lines: string[] = [];
      expect(
        await runAdmin(['visitor', 'export', 'vera'], { DATA_DIR: dir }, { print: (line) => lines.push(line), complain: () => undefined }),
      ).toBe(0);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(6_000);
      const data = JSON.parse(lines.join('\n')) as { chats: { events: { text?: string }[] }[] };
      expect(data.chats[0]?.events.flatMap(({ text }) => /^line (\d+)/.exec(text ?? '')?.[1] ?? []).map(Number)).toEqual(
        Array.from({ length: 300 }, (_, at) => at),
      );
    });

    it('[FF.A6] a list of readings that nobody has bounded says what it leaves out', async () => {
      await withStore((store) =>
        store.transact([], async (tx) => {
          for (let at = 0; at < 130; at += 1) await tx.note({ date: NOW, site: 'shop', operator: null, visitor: 'vera', deed: 'open' });
        }),
      );
      const list = async (...flags: string[]) => (await done('audit', 'list', ...flags)).split('\n');
      expect((await list()).slice(-1)).toEqual(['30 more. To see them: --limit 130']);
      expect(await list()).toHaveLength(101);
      expect(await list('--limit', '130')).toHaveLength(130);
    });

    it('[F4] exports JSON: a formula that would calculate is an unchanged string in it', async () => {
      const formulas = ['=cmd|calc!A1', '+1+1', '-1+1', '@SUM(A1)', '\t=1+1', '\r=1+1'];
      await withStore((store) =>
        store.transact([], async (tx) => {
          const chat = await tx.openChatOf('shop', 'vera');
          for (const text of formulas) if (chat) await tx.append(chat, { kind: 'message.added', uid: null, author, text, file: null }, NOW);
        }),
      );
      const data = JSON.parse(await done('visitor', 'export', 'vera')) as { chats: { events: { text?: string }[] }[] };
      const texts = data.chats.flatMap(({ events }) => events.map(({ text }) => text));
      expect(texts.filter((text) => text !== undefined && formulas.includes(text))).toEqual(formulas);
      // No command offers any other form of it.
      expect(await done('--help')).not.toMatch(/csv|xls|spreadsheet/i);
    });

    it('[P9] [SV.admin] writes down exporting and erasing, and lists who has read what', async () => {
      await done('operator', 'add', '--email', 'ann@example.com', '--name', 'Ann');
      const operator = (await withStore((store) => store.operatorByEmail('ann@example.com')))?.id ?? '';
      await withStore((store) => store.transact([], (tx) => tx.note({ date: NOW, site: 'shop', operator, visitor: 'will', deed: 'open' })));
      await done('visitor', 'export', 'will');
      await done('visitor', 'erase', 'vera');
      const list = async (...flags: string[]) =>
        (await done('audit', 'list', ...flags)).split('\n').map((line) => line.split('\t').slice(1));
      expect(await list()).toEqual([
        ['(admin command)', 'erase', 'shop', '(erased)'],
        ['(admin command)', 'export', 'shop', 'will'],
        ['ann@example.com', 'open', 'shop', 'will'],
      ]);
      expect(await list('--visitor', 'will', '--limit', '1')).toEqual([['(admin command)', 'export', 'shop', 'will']]);
      expect(await done('audit', 'list', '--site', 'other')).toBe('');
      expect(await admin('audit', 'list', '--limit', 'all')).toMatchObject({
        code: 2,
        err: expect.stringContaining('expected a number from 1 to'),
      });
      await done('visitor', 'erase', 'will');
      expect(await list()).toEqual([
        ['(admin command)', 'erase', 'shop', '(erased)'],
        ['(admin command)', 'erase', 'shop', '(erased)'],
        ['(admin command)', 'export', 'shop', '(erased)'],
        ['ann@example.com', 'open', 'shop', '(erased)'],
      ]);
    });

    it('[P6] [SV.admin] erases a visitor from database, log and disk', async () => {
      expect(await done('visitor', 'erase', 'vera')).toContain('(files: 2, mails: 1)');
      expect(readdirSync(join(dir, 'mail'))).toEqual(['will-1.eml']);
      const jobsOf = (id: string) => withStore(async (store) => (await store.jobsOf('shop', id)).map(({ key }) => key));
      expect([await jobsOf('vera'), await jobsOf('will')]).toEqual([[], ['mail:will:u']]);
      for (const name of ['chat.sqlite', 'chat.sqlite-wal']) {
        const bytes = existsSync(join(dir, name)) ? readFileSync(join(dir, name)) : Buffer.alloc(0);
        for (const trace of ['Words of vera', 'vera@secret.example', 'up-vera', 'vera']) expect(bytes.includes(trace)).toBe(false);
      }
      const left = (id: string) => ['up', 'op'].map((by) => existsSync(join(dir, 'files', 'shop', `${by}-${id}`)));
      expect(left('vera')).toEqual([false, false]);
      expect(left('will')).toEqual([true, true]);
      expect(await done('visitor', 'export', 'will')).toContain('Words of will');
      expect(await refused('visitor', 'erase', 'vera')).toBe('There is no visitor "vera".');
    });
  });

  describe('backup and restore', () => {
    it('[SV.admin] brings back what was backed up, as another epoch', async () => {
      await addShop();
      const file = join(dir, 'saved.backup');
      await done('backup', file);
      const epoch = await withStore(async (store) => store.epoch);
      await done('site', 'remove', 'shop');
      await done('restore', file);
      expect(await shop()).toMatchObject({ name: 'Shop' });
      expect(await withStore(async (store) => store.epoch)).not.toBe(epoch);
      expect(readdirSync(dir).filter((name) => /restoring|backup./.test(name))).toEqual([]);
    });

    it('[SV.admin] [SV.lost] [P5] lists what a restore has lost, of one site or all, and exports it with the visitor', async () => {
      await addShop();
      expect(await done('lost', 'list')).toBe('');
      await withStore((store) =>
        store.transact([], async (tx) => {
          await tx.createVisitor({ id: 'vera', site: 'shop', card: {}, invite: null, createdAt: 1 });
          const room = { perVisitor: 10, most: 10 };
          await tx.noteLost({ site: 'shop', visitor: 'vera', chat: 'c1', stored: 4, claimed: 9, date: 1_700_000_000 }, room);
          await tx.noteLost({ site: 'shop', visitor: 'vera', chat: 'c2', stored: null, claimed: 3, date: 1_700_000_001 }, room);
        }),
      );
      const lines = (await done('lost', 'list')).trim().split('\n');
      expect(lines).toEqual([
        '2023-11-14T22:13:21.000Z\tshop\tvisitor vera\tchat c2\tup to 3 events, and the chat itself (begun after the backup, or removed since)',
        '2023-11-14T22:13:20.000Z\tshop\tvisitor vera\tchat c1\tevents 5 to 9',
      ]);
      expect(await done('lost', 'list', '--site', 'elsewhere')).toBe('');
      expect((await done('lost', 'list', '--limit', '1')).trim().split('\n')).toEqual([lines[0]]);
      expect(JSON.parse(await done('visitor', 'export', 'vera')).lost.map(({ claimed }: { claimed: number }) => claimed)).toEqual([3, 9]);
      await done('visitor', 'erase', 'vera');
      expect(await done('lost', 'list')).toBe('');
    });

    it('[FF.B5] [SV.backup] backs up to a plain file alone: nothing else that stands there is touched', async () => {
      await addShop();
      const at = (name: string) => join(dir, name);
      mkdirSync(at('folder'));
      execFileSync('mkfifo', [at('pipe')]);
      symlinkSync('/dev/null', at('to-device'));
      symlinkSync(at('folder'), at('to-folder'));
      symlinkSync(at('nowhere'), at('to-nowhere'));
      symlinkSync(at('chat.sqlite'), at('to-database'));
      linkSync(at('chat.sqlite'), at('same-as-database'));
      const refusals = {
        folder: 'is a folder',
        pipe: 'is a pipe',
        'to-device': 'is a device',
        'to-folder': 'is a folder',
        'to-nowhere': 'leads nowhere',
        'to-database': 'is the database itself',
        'same-as-database': 'is the database itself',
        'chat.sqlite-wal': 'is the database itself',
      };
      const before = readdirSync(dir).sort();
      for (const [name, why] of Object.entries(refusals)) expect(await refused('backup', at(name))).toContain(why);
      expect(await refused('backup', '/dev/null')).toContain('is a device, expected a plain file');
      expect(
        readdirSync(dir)
          .filter((name) => !name.startsWith('chat.sqlite-'))
          .sort(),
      ).toEqual(before.filter((name) => !name.startsWith('chat.sqlite-')));
      expect(lstatSync(at('to-device')).isSymbolicLink()).toBe(true);
      // If a link leads to a plain file, the command replaces that file, not the link.
      writeFileSync(at('real'), '');
      symlinkSync(at('real'), at('to-real'));
      await done('backup', at('to-real'));
      expect([lstatSync(at('to-real')).isSymbolicLink(), readFileSync(at('real')).subarray(0, 15).toString()]).toEqual([
        true,
        'SQLite format 3',
      ]);
    });

    it('[FF.B5] [SV.backup] an earlier backup is there until the new one is complete, and stays if that fails', async () => {
      await addShop();
      const file = join(dir, 'saved.backup');
      await done('backup', file);
      const before = readFileSync(file);
      await done('site', 'add', '--key', 'second', '--name', 'Second', '--origin', 'https://second.example');
      await withStore(async (store) => {
        const backup = store.backup(file);
        // Begun, and not yet done.
        expect(readFileSync(file).equals(before)).toBe(true);
        await backup;
      });
      expect(readFileSync(file).equals(before)).toBe(false);
      // Of a database that has been damaged meanwhile no copy takes a good one's place.
      const good = readFileSync(file);
      await withStore(async (store) => {
        await store.settle();
        const pages = statSync(join(dir, 'chat.sqlite')).size / 4096;
        const fd = openSync(join(dir, 'chat.sqlite'), 'r+');
        for (let at = 2; at < pages; at += 1) writeSync(fd, Buffer.alloc(4096, 0xa5), 0, 4096, at * 4096);
        closeSync(fd);
        await expect(store.backup(file)).rejects.toThrow();
      });
      expect(readFileSync(file).equals(good)).toBe(true);
      expect(readdirSync(dir).filter((name) => name.includes('.part'))).toEqual([]);
    });

    it('[FF.B5] [FF.B6] every command refuses a damaged file in one line; restore repairs it', async () => {
      await addShop();
      const file = join(dir, 'saved.backup');
      await done('backup', file);
      const fd = openSync(join(dir, 'chat.sqlite'), 'r+');
      writeSync(fd, Buffer.alloc(8192, 0xa5), 0, 8192, 4096);
      closeSync(fd);
      for (const command of [
        ['site', 'list'],
        ['backup', join(dir, 'other')],
        ['audit', 'list'],
      ]) {
        expect(await refused(...command)).toMatch(
          /^The database .*chat\.sqlite is damaged \(SQLITE_\w+\)\. Restore a backup: npm run admin -- restore FILE$/,
        );
      }
      for (const source of ['/dev/zero', dir, '/dev/null'])
        expect(await refused('restore', source)).toMatch(/is (a device|a folder), expected a plain file/);
      await done('restore', file);
      expect(await shop()).toMatchObject({ name: 'Shop' });
    });

    it('[FF.B5] a key is read from no more than a key can be', async () => {
      await addShop();
      expect(await refused('site', 'key', 'add', 'shop', '--id', 'k', '--from', '/dev/zero')).toContain(
        'is longer than 65536 bytes, expected a key',
      );
      expect(await refused('site', 'key', 'add', 'shop', '--id', 'k', '--from', dir)).toContain('cannot be read');
      expect(await refused('operator', 'add', '--email', 'a@example.com', '--name', 'Ann', '--avatar', '/dev/zero')).toContain(
        'is a device, expected a plain file',
      );
    });

    it('[SV.admin] restores nothing while a server runs', async () => {
      await addShop();
      const file = join(dir, 'saved.backup');
      await done('backup', file);
      await done('site', 'origin', 'add', 'shop', 'https://new.example');
      const release = claimDataDir(dir);
      expect(await refused('restore', file)).toContain(`is in use by another process (${process.pid}). Stop it first`);
      release();
      expect((await shop())?.origins).toContain('https://new.example');
    });

    it('[SV.admin] refuses a file that is no backup and leaves the database as it is', async () => {
      await addShop();
      const text = join(dir, 'notes.txt');
      writeFileSync(text, 'not a database');
      const foreign = join(dir, 'foreign.sqlite');
      new Database(foreign).exec('CREATE TABLE t (a)').close();
      const damaged = join(dir, 'damaged.backup');
      await done('backup', damaged);
      writeFileSync(damaged, readFileSync(damaged).subarray(0, 40_000));
      expect(await refused('restore', join(dir, 'absent'))).toContain('There is no file');
      expect(await refused('restore', text)).toContain('is no backup of this program');
      expect(await refused('restore', foreign)).toContain('is no backup of this program');
      expect(await refused('restore', damaged)).toMatch(/cannot be restored|no backup/);
      expect(await refused('backup', join(dir, 'no', 'such', 'folder'))).toContain('could not be written');
      expect(await refused('backup', join(dir, 'chat.sqlite'))).toContain('is the database itself');
      expect(await shop()).toMatchObject({ name: 'Shop' });
    });
  });

  it('[SV.admin] is noticed by a store that is open beside it', async () => {
    const store = await createSqliteStore({ file: join(dir, 'chat.sqlite'), foreignChangeMs: 5 });
    const noticed = new Promise<void>((resolve) => store.onForeignChange(resolve));
    await addShop();
    await noticed;
    expect(await store.site('shop')).toMatchObject({ origins: ['https://shop.example'] });
    await store.close();
  });
});
