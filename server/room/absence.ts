/**
 * Somebody is missing from a chat: the terms in which the inbox, which notices it, the rooms, which decide what follows, and the jobs
 * in the store speak of it. Nothing is decided here.
 */
import * as v from 'valibot';
import type { ChatId, OperatorId, VisitorId } from '../../shared/chat.ts';
import type { Job } from '../store/jobs.ts';

/** Since when an operator has had no connection. */
export interface Absence {
  sinceMs: number;
  /** Signed out: there is nobody to wait for. */
  isForGood: boolean;
  /** Not seen since the start of the server. */
  isUnseen?: true;
}

/** What the jobs `away` (of an operator) and `left` (of a visitor) keep. Only `away` names an operator. */
export interface AbsencePayload {
  visitor: VisitorId;
  chat: ChatId;
  sinceMs: number;
  operator?: OperatorId | undefined;
}

/** People need this long to come back after a start of the server. Nobody is given up before. */
export const RETURN_MS = 15_000;

const payload = v.object({ visitor: v.string(), chat: v.string(), sinceMs: v.number(), operator: v.optional(v.string()) });

/** What the job keeps; `undefined` for a job of another kind, or none. */
export function absenceOf(job: Job | undefined): AbsencePayload | undefined {
  const parsed = v.safeParse(payload, job?.payload);
  return parsed.success ? parsed.output : undefined;
}
