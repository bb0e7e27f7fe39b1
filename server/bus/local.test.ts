import { busContract } from './bus.contract.ts';
import { createLocalBus } from './local.ts';

busContract('local bus', () => {
  const errors: unknown[] = [];
  const bus = createLocalBus<string>({ onError: (error) => errors.push(error) });
  return Promise.resolve({ bus, errors, settle: () => new Promise((resolve) => setImmediate(resolve)) });
});
