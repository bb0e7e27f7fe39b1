/**
 * Whether this operator is on duty. The switch moves at once; after a reconnect the session repeats what the operator chose
 * last if the server no longer knows it.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { OperatorFrame, OperatorServerFrame, OperatorSession } from '../../shared/wire/workplace.ts';
import type { Self } from './contract.ts';

export interface Availability {
  readonly self: ReadonlySignal<Self>;
  readonly isOnline: boolean;
  set(isOnline: boolean): void;
  /** Every `welcome` says who we are to the server. */
  handleWelcome(operator: Extract<OperatorServerFrame, { t: 'welcome' }>['operator']): void;
  /** Another window of the same operator has moved the switch, or the server has. */
  handleSelf(isOnline: boolean): void;
}

export function createAvailability({ id, name }: OperatorSession, tell: (frame: OperatorFrame) => void): Availability {
  const self = signal<Self>({ id, name, isOnline: false });
  /** What the operator chose last; `null` before any choice. */
  let wished: boolean | null = null;

  function set(isOnline: boolean): void {
    wished = isOnline;
    self.value = { ...self.peek(), isOnline };
    tell({ t: 'online', value: isOnline });
  }

  return {
    self,
    get isOnline() {
      return self.peek().isOnline;
    },
    set,
    handleWelcome(operator) {
      self.value = { id: operator.id, name: operator.card.name, isOnline: operator.isOnline };
      if (wished !== null && wished !== operator.isOnline) set(wished);
    },
    handleSelf(isOnline) {
      wished = isOnline;
      self.value = { ...self.peek(), isOnline };
    },
  };
}
