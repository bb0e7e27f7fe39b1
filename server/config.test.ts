/** The server reads its environment, and names each mistake in it in one line. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig, type Environment } from './config.ts';
import { createLimits } from './limits/limits.ts';

function complaint(env: Environment): string {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('parseConfig', () => {
  it('[FF.B12] [SV.shop] has a demonstration shop of its own accord on a local address only', () => {
    for (const url of ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://chat.localhost', 'https://localhost'])
      expect(parseConfig({ PUBLIC_URL: url }).demoPort, url).toBe(8081);
    for (const url of ['https://chat.example.com', 'https://localhost.example.com', 'https://10.0.0.1']) {
      expect(parseConfig({ PUBLIC_URL: url }).demoPort, url).toBe(0);
      expect(parseConfig({ PUBLIC_URL: url, DEMO_PORT: '' }).demoPort, url).toBe(0);
      expect(parseConfig({ PUBLIC_URL: url, DEMO_PORT: '8081' }).demoPort, url).toBe(8081);
    }
  });

  it('gives a working system for an empty environment', () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:8080',
      operatorUrl: 'http://localhost:8080',
      filesPublicUrl: 'http://localhost:8080',
      dataDir: join(process.cwd(), 'data'),
      filesDir: join(process.cwd(), 'data', 'files'),
      smtpUrl: null,
      scannerUrl: null,
      mailFrom: 'no-reply@localhost',
      operatorEmail: 'operator@example.com',
      operatorName: 'Operator',
      operatorPassword: null,
      demoPort: 8081,
      trustProxy: [],
      securityContact: null,
      logLevel: 'info',
    });
    expect(config.limits.timing).toMatchObject({ helloMs: 5000, pingMs: 25_000, dropMs: 60_000, accessMs: 600_000, foreignChangeMs: 500 });
    expect(config.limits.timing.client.silenceMs).toBe(45_000);
  });

  it('follows PORT in the public address and takes an empty value as absent', () => {
    expect(parseConfig({ PORT: '9000', PUBLIC_URL: '', DATA_DIR: ' ' })).toMatchObject({ port: 9000, publicUrl: 'http://localhost:9000' });
  });

  it('moves the shop aside when the chat takes its usual port', () => {
    expect(parseConfig({ PORT: '8081' }).demoPort).toBe(8082);
  });

  it('[SV.ports] says which ports the server is to choose', () => {
    expect(parseConfig({ METRICS_PORT: 'auto' })).toMatchObject({ metricsPort: 0, openChoices: ['METRICS_PORT'] });
    expect(parseConfig({ METRICS_PORT: '9100' }).metricsPort).toBe(9100);
    expect(() => parseConfig({ METRICS_PORT: '8080' })).toThrow(/^METRICS_PORT is "8080", expected a port other than PORT and DEMO_PORT/);
    expect(() => parseConfig({ METRICS_PORT: 'yes' })).toThrow(/^METRICS_PORT is "yes", expected a port from 1 to 65535/);
    expect(parseConfig({}).openChoices).toEqual([]);
    expect(parseConfig({ PORT: '0', DEMO_PORT: '0' })).toMatchObject({ port: 0, demoPort: 0, openChoices: ['PORT'] });
    expect(parseConfig({ PORT: '0', DEMO_PORT: 'auto' })).toMatchObject({ demoPort: 0, openChoices: ['PORT', 'DEMO_PORT'] });
  });

  it('reads every variable', () => {
    const config = parseConfig({
      PORT: '3000',
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://chat.example.com/',
      OPERATOR_URL: 'https://desk.example.org',
      FILES_PUBLIC_URL: 'https://files.example.net',
      DATA_DIR: '/var/lib/chat',
      FILES_URL: 'file:///srv/files',
      SMTP_URL: 'smtps://user:secret@mail.example.com:465',
      SCANNER_URL: 'clamd:///run/clamd.sock',
      MAIL_FROM: 'chat@example.com',
      OPERATOR_EMAIL: 'Ada@Example.com',
      OPERATOR_PASSWORD: ' correct horse ',
      DEMO_PORT: '0',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      SECURITY_CONTACT: 'security@example.com',
      LIMITS: '{"rates":{"typingPerSecond":4},"timing":{"client":{"ackMs":1000}}}',
      LOG_LEVEL: 'debug',
      SOMETHING_ELSE: 'is ignored',
    });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      publicUrl: 'https://chat.example.com',
      operatorUrl: 'https://desk.example.org',
      filesPublicUrl: 'https://files.example.net',
      databaseFile: '/var/lib/chat/chat.sqlite',
      filesDir: '/srv/files',
      smtpUrl: 'smtps://user:secret@mail.example.com:465',
      scannerUrl: 'clamd:///run/clamd.sock',
      operatorEmail: 'ada@example.com',
      operatorName: 'Operator',
      operatorPassword: ' correct horse ',
      demoPort: 0,
      trustProxy: ['10.0.0.0/8', '::1'],
      securityContact: 'mailto:security@example.com',
      logLevel: 'debug',
    });
    expect(config.limits.rates).toMatchObject({ typingPerSecond: 4, messagesPerSecond: 5, connectionsPerAddress: 150 });
    expect(config.limits.timing.client).toMatchObject({ ackMs: 1000, silenceMs: 45_000 });
  });

  it('counts per address more generously where everybody shares one, and LIMITS still decides', () => {
    expect(parseConfig({}).limits.rates.connectionsPerAddress).toBeGreaterThan(createLimits().rates.connectionsPerAddress);
    expect(parseConfig({ LIMITS: '{"rates":{"connectionsPerAddress":3}}' }).limits.rates.connectionsPerAddress).toBe(3);
  });

  it.each<[string, string, RegExp]>([
    ['PORT', 'http', /^PORT is "http", expected a port from 1 to 65535, or 0 to have the server choose one\.$/],
    ['PORT', '70000', /^PORT is "70000"/],
    ['DEMO_PORT', 'any', /^DEMO_PORT is "any", .* or auto/],
    ['DEMO_PORT', '8080', /^DEMO_PORT is "8080", expected a port other than PORT/],
    ['HOST', 'not a host', /^HOST is "not a host"/],
    ['PUBLIC_URL', 'chat.example.com', /^PUBLIC_URL is "chat.example.com", expected an origin/],
    ['PUBLIC_URL', 'http://chat.example.com', /^PUBLIC_URL is .* expected https/],
    ['PUBLIC_URL', 'http://localhost.example.com', /expected https/],
    ['PUBLIC_URL', 'https://chat.example.com/chat', /without a path/],
    ['OPERATOR_URL', 'ftp://x', /^OPERATOR_URL is/],
    ['FILES_PUBLIC_URL', 'http://files.example.com', /^FILES_PUBLIC_URL is .* expected https/],
    ['FILES_URL', 's3://bucket', /^FILES_URL begins with s3:\/\/, but .* not supported yet/],
    ['FILES_URL', '/srv/files', /^FILES_URL is "\/srv\/files", expected file:\/\/\/absolute\/path/],
    ['DATABASE_URL', 'mysql://u:hunter2@db/chat', /^DATABASE_URL is "mysql:\/\/\*\*\*@db\/chat", expected postgres:\/\/user/],
    ['DATABASE_URL', 'postgres://u:hunter2@db', /^DATABASE_URL is .*, expected postgres:\/\/user/],
    ['DATABASE_URL', 'postgres://u:pa/hunter2@db/chat', /^DATABASE_URL is "postgres:\/\/\*\*\*@db\/chat", expected /],
    ['DATABASE_URL', 'postgres://db/chat?password=hunter2', /^DATABASE_URL is "postgres:\/\/db\/chat\?\*\*\*", expected no options/],
    ['REDIS_URL', 'redis://cache', /^REDIS_URL is set, but .* not supported yet/],
    ['SCANNER_URL', 'clamd://scanner', /^SCANNER_URL is "clamd:\/\/scanner", expected clamd:\/\/host:port/],
    ['SCANNER_URL', 'http://scanner:3310', /^SCANNER_URL is "http:\/\/scanner:3310"/],
    ['SMTP_URL', 'http://u:hunter2@mail', /^SMTP_URL is "http:\/\/\*\*\*@mail"/],
    ['OPERATOR_NAME', 'x'.repeat(81), /^OPERATOR_NAME is ".*", expected at most 80 characters/],
    ['OPERATOR_NAME', 'Eva\u202e', /^OPERATOR_NAME is ".*", expected .* on one line/],
    ['MAIL_FROM', 'Chat <chat@example.com>', /^MAIL_FROM is/],
    ['MAIL_FROM', 'a@b,c@d', /^MAIL_FROM is/],
    ['OPERATOR_EMAIL', 'nobody', /^OPERATOR_EMAIL is "nobody", expected one e-mail address/],
    ['TRUST_PROXY', '10.0.0.0/8,proxy', /^TRUST_PROXY is "proxy"/],
    ['TRUST_PROXY', '10.0.0.0/64', /^TRUST_PROXY is "10.0.0.0\/64"/],
    ['SECURITY_CONTACT', 'http://example.com/report', /^SECURITY_CONTACT is .* expected one e-mail address, or an https address/],
    ['SECURITY_CONTACT', 'a@example.com\nExpires: never', /^SECURITY_CONTACT is/],
    ['LIMITS', '{rates}', /^LIMITS is "\{rates\}", expected a JSON object/],
    ['LIMITS', '[]', /^LIMITS is "\[\]", expected a JSON object/],
    ['LIMITS', '{"rates":{"mesages":1}}', /^LIMITS has rates\.mesages, which is no limit/],
    ['LIMITS', '{"rates":5}', /^LIMITS has 5 at rates, expected Object/],
    ['LIMITS', '{"timing":{"pingMs":"1s"}}', /^LIMITS has "1s" at timing\.pingMs, expected number/],
    ['LIMITS', '{"mail":{"perAddressDay":-1}}', /^LIMITS has -1 at mail\.perAddressDay, expected >=0/],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL is "loud", expected one of fatal, error/],
  ])('refuses %s=%s in one line', (name, value, line) => {
    const message = complaint({ [name]: value });
    expect(message).toMatch(line);
    expect(message).not.toMatch(/\n|hunter2/);
  });

  it.each<[string, RegExp]>([
    ['smtp://user:12#34@mail.example', /with "#" written as %23/],
    ['smtps://user:12/34@mail.example', /with "\/" written as %2F/],
    ['smtps://user:12?34@mail.example', /with "\?" written as %3F/],
    ['smtps://us\\er:x@mail.example', /written as %5C/],
    ['smtps://mail.example#x', /with "#" written as %23/],
    ['smtps://user:50%off@mail.example', /% in user or password written as %25/],
    ['smtps://mail.example/path', /no path after the host/],
    ['smtps://mail.example?tls.rejectUnauthorized=false', /no options other than/],
    ['smtps://mail.example?requireTLS=perhaps', /no options other than/],
    ['smtp://user:secret@mail.example:587', /a password goes over TLS alone/],
    ['smtp://user:secret@mail.example:587?requireTLS=false', /a password goes over TLS alone/],
    ['smtp://user:secret@localhost.example', /a password goes over TLS alone/],
    ['smtps:user:secret@mail.example', /expected smtp:\/\/host:port/],
  ])('[FF.B7] refuses SMTP_URL=%s, and repeats no password', (value, expected) => {
    const message = complaint({ SMTP_URL: value });
    expect(message).toMatch(/^SMTP_URL is "/);
    expect(message).toMatch(expected);
    expect(message).not.toMatch(/12|34|50%off|secret/);
  });

  it.each([
    'smtp://mail.example',
    'smtp://mail.example:25/',
    'smtp://user:secret@localhost:1025',
    'smtp://user:secret@127.0.0.1',
    'smtp://user:secret@[::1]:25',
    'smtp://user:12%2334@mail.example:587?requireTLS=true',
    'smtps://user%40example.com:a%2Fb@mail.example',
    'smtps://mail.example?name=chat.example.com',
  ])('[FF.B7] takes SMTP_URL=%s', (value) => expect(parseConfig({ SMTP_URL: value }).smtpUrl).toBe(value));

  it('[FF.B9] wants a password that is not guessed for the first operator where others can reach the sign-in', () => {
    const at = (password: string) => ({ PUBLIC_URL: 'https://chat.example.com', OPERATOR_PASSWORD: password });
    expect(complaint(at('a'))).toBe('OPERATOR_PASSWORD has 1 character, expected 8 to 256. Leave it out to have one made up.');
    expect(complaint(at('password1'))).toContain('tried first');
    expect(parseConfig(at('correct horse')).operatorPassword).toBe('correct horse');
    expect(parseConfig({ OPERATOR_PASSWORD: 'a' }).operatorPassword).toBe('a');
  });
});
