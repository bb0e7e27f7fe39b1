import { afterEach, expect, test, vi } from 'vitest';
import { createEmitter } from './emitter.ts';

afterEach(() => void vi.restoreAllMocks());

test('[WI.base] once leaves the same listener of on alone', () => {
  const { on, once, _emit } = createEmitter(undefined, 'show');
  const heard = vi.fn();
  on('show', heard);
  once('show', heard);
  _emit('show');
  _emit('show');
  expect(heard).toHaveBeenCalledTimes(3);
});

test('[WI.base] un removes what once has added, and what once returned removes only its own', () => {
  const { on, once, un, _emit } = createEmitter(undefined, 'show');
  const heard = vi.fn();
  once('show', heard);
  un('show', heard);
  _emit('show');
  expect(heard).not.toHaveBeenCalled();
  on('show', heard);
  once('show', heard)();
  _emit('show');
  expect(heard).toHaveBeenCalledTimes(1);
});

test('[WI.base] a listener of once runs once, also when another listener emits the same event', () => {
  const { on, once, _emit } = createEmitter(undefined, 'show');
  const heard = vi.fn();
  const off = on('show', () => {
    off();
    _emit('show');
  });
  once('show', heard);
  _emit('show');
  expect(heard).toHaveBeenCalledTimes(1);
});
