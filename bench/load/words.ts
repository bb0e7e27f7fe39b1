/** What the measuring process and its clients' processes say to each other. Times are `process.hrtime`, which all processes of a machine share. */

export interface Plan {
  chat: string;
  port: number;
  site: string;
  visitors: number;
  operators: { email: string; password: string }[];
  /** Visitors that each operator keeps open and talks with. */
  open: number;
}

export type Order =
  | { t: 'connect'; plan: Plan }
  | { t: 'run'; rate: number; seconds: number }
  /** All connections have been cut: tell when everybody is back and everything unanswered is answered. */
  | { t: 'recover'; fromMs: number }
  | { t: 'finish' };

export interface Ran {
  /** Milliseconds from sending to the acknowledgement, and to the other side's screen. */
  acks: number[];
  others: number[];
  /** Handed in by the clients in this time. */
  given: number;
}

export interface Finished {
  /** Uids that were acknowledged, and those that were given and never were. */
  acked: string[];
  open: string[];
  /** Up to where each chat has reached its visitor. */
  reached: Record<string, number>;
  refused: number;
}

export type Report =
  | { t: 'ready' }
  | { t: 'connected'; seconds: number }
  | ({ t: 'ran' } & Ran)
  /** Milliseconds after the cut, one for each visitor. */
  | { t: 'recovered'; backMs: number[]; settledMs: number }
  | ({ t: 'finished' } & Finished)
  | { t: 'failed'; why: string };
