/**
 * Where the visitor stands, decided in one place: what the next step is, and what may be claimed about who is there. Header and tail
 * draw these two and ask nothing else, so that no two lines on the screen contradict each other. Pure.
 */
import type { ChatSummary, OperatorCard } from '../../shared/chat.ts';
import type { ConnectionStatus } from '../session/contract.ts';

/** What the tail shows. */
export type Step =
  /** The visitor is asked to agree before anything leaves the page. */
  | 'consent'
  /** Nobody will answer on this page any more. */
  | 'closed'
  | 'start'
  /** The first message of a chat is on its way. */
  | 'sending'
  | 'invited'
  /** Nobody has answered yet; the operators are online, or not. */
  | 'waiting'
  | 'waitingAway'
  /** The operator has left the visitor alone, and another one is online. */
  | 'waitingAgain'
  /** Another way is offered instead of more waiting; or the visitor went it. */
  | 'offered'
  | 'requested'
  | 'talking'
  | 'operatorAway'
  | 'ended';

export interface Standing {
  step: Step;
  /** What the header says while no operator is in the chat; `null`: we do not know, or it would contradict the step. */
  presence: 'online' | 'away' | null;
}

export interface Facts {
  connection: ConnectionStatus;
  /** The server is not heard for a while; `null`: it was not heard yet. */
  isDisconnected: boolean | null;
  state: 'available' | 'invite' | 'chat';
  chat: Pick<ChatSummary, 'isOpen' | 'lastOperator' | 'taken'> | null;
  operator: OperatorCard | null;
  isAway: boolean | undefined;
  isOffered: boolean;
  isAvailable: boolean;
  /** Something of the visitor's is not stored yet. */
  isSending: boolean;
  hasMessages: boolean;
}

export function standingOf(facts: Facts): Standing {
  const step = stepOf(facts);
  const isSilent = facts.isDisconnected !== false || step === 'consent' || step === 'closed' || step === 'offered';
  return { step, presence: isSilent ? null : facts.isAvailable ? 'online' : 'away' };
}

function stepOf({ connection, state, chat, operator, isAway, isOffered, isAvailable, isSending, hasMessages }: Facts): Step {
  if (connection === 'withheld') return 'consent';
  if (connection === 'closed') return 'closed';
  if (state === 'invite') return 'invited';
  if (state === 'available') {
    if (isSending) return 'sending';
    return chat !== null && hasMessages ? 'ended' : 'start';
  }
  if (operator !== null) return isAway ? 'operatorAway' : 'talking';
  if (isOffered) return 'offered';
  if (chat?.lastOperator && isAvailable) return 'waitingAgain';
  if (chat?.taken) return 'requested';
  return isAvailable ? 'waiting' : 'waitingAway';
}
