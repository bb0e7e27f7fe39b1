/**
 * What the parts of the server say to each other of somebody who is missed: who noticed it (the inbox), who decides what follows (the
 * rooms), and what stands in the store meanwhile. Nothing is decided here.
 */
import * as v from 'valibot';
import type { ChatId, OperatorId, VisitorId } from '../../shared/chat.ts';
import type { Job } from '../store/store.ts';

/** Since when an operator has had no connection. */
export interface Absence {
  sinceMs: number;
  /** Signed out: there is nobody to wait for. */
  isForGood: boolean;
  /** Not seen since the start of the server. */
  isUnseen?: true;
}

/** What the jobs `away` (of an operator) and `left` (of a visitor) keep. `operator` only the former. */
export interface AbsencePayload {
  visitor: VisitorId;
  chat: ChatId;
  sinceMs: number;
  operator?: OperatorId | undefined;
}

/** After a start of the server people need a moment to come back: so long nobody is given up. */
export const RETURN_MS = 15_000;

const payload = v.object({ visitor: v.string(), chat: v.string(), sinceMs: v.number(), operator: v.optional(v.string()) });

/** `undefined` for a job of another kind, or none. */
export function absenceOf(job: Job | undefined): AbsencePayload | undefined {
  const parsed = v.safeParse(payload, job?.payload);
  return parsed.success ? parsed.output : undefined;
}
