/** Opening ports: the other loopback address, and a port that is taken. */
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { holdPort, listen } from './listen.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function open(port: number, alsoLoopback6: boolean): Promise<{ port: number; close: () => void }> {
  const server = createServer((_request, response) => void response.end('here'));
  servers.push(server);
  const close = await listen({ server, host: '127.0.0.1', port, variable: 'DEMO_PORT', alsoLoopback6 });
  return { port: (server.address() as AddressInfo).port, close };
}

const ask = (host: string, port: number) =>
  new Promise<string>((resolve) => {
    get({ host, port, agent: false }, (response) => response.on('data', (data: Buffer) => resolve(data.toString()))).on(
      'error',
      (error: NodeJS.ErrnoException) => resolve(error.code ?? ''),
    );
  });

const hasLoopback6 = await new Promise<boolean>((resolve) => {
  const probe = createServer().once('error', () => resolve(false));
  probe.listen(0, '::1', () => probe.close(() => resolve(true)));
});

it.runIf(hasLoopback6)('answers both addresses that localhost may be, until it is closed', async () => {
  const { port, close } = await open(0, true);
  expect([await ask('127.0.0.1', port), await ask('::1', port)]).toEqual(['here', 'here']);
  close();
  expect(await ask('::1', port)).toBe('ECONNREFUSED');
});

it('listens where it was told and nowhere else', async () => {
  const { port } = await open(0, false);
  expect([await ask('127.0.0.1', port), await ask('::1', port)]).not.toContain('');
  expect(await ask('::1', port)).not.toBe('here');
});

it('[SV.ports] serves on a port that it has chosen and held, with the other loopback address', async () => {
  const held = await holdPort('127.0.0.1', 'PORT');
  await expect(open(held.port, false)).rejects.toThrow(`Port ${held.port} is already in use.`);
  const server = createServer((_request, response) => void response.end('here'));
  servers.push(server);
  const { port } = held;
  const close = await listen({ server, host: '127.0.0.1', port, held, variable: 'PORT', alsoLoopback6: hasLoopback6 });
  expect((server.address() as AddressInfo).port).toBe(port);
  expect(await ask('127.0.0.1', port)).toBe('here');
  if (hasLoopback6) expect(await ask('::1', port)).toBe('here');
  close();
  await new Promise((resolve) => server.close(resolve));
  expect(await ask('127.0.0.1', port)).toBe('ECONNREFUSED');
});

it('says which port is taken and which variable names it', async () => {
  const { port } = await open(0, false);
  await expect(open(port, false)).rejects.toThrow(`Port ${port} is already in use. Set DEMO_PORT to another one.`);
});
