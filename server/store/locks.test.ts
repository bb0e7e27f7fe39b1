/** The order of locks: the same for every work, or two would wait for each other. */
import { expect, it } from 'vitest';
import { accountLock, fileLock, identityLock, inOrder, INSTALLATION_LOCK, sessionLock, siteLock, visitorLock } from './locks.ts';

it('locks are taken from the widest to the narrowest, each once, whatever the order in which they are named', () => {
  const ordered = [
    INSTALLATION_LOCK,
    siteLock('shop'),
    identityLock('shop', 'subject'),
    visitorLock('a'),
    visitorLock('b'),
    fileLock('a'),
    sessionLock('line'),
    accountLock('key'),
  ];
  expect(inOrder([...ordered, ...ordered].reverse())).toEqual(ordered);
  expect(inOrder([])).toEqual([]);
});

it('a key that looks like another kind changes no lock into that kind', () => {
  expect(inOrder([visitorLock('site:shop'), siteLock('visitor:a')])).toEqual([siteLock('visitor:a'), visitorLock('site:shop')]);
});
