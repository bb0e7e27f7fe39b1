/**
 * The limits: every number that the server enforces by itself, with its default and its bounds. Reading them from the
 * environment is the configuration's; keeping to them is each room's.
 */
import * as v from 'valibot';
import { FILE_MAX_SIZE } from '../../shared/limits.ts';
import { DEFAULT_CLIENT_TIMING } from '../../shared/wire/protocol.ts';

const count = (standard: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), standard);
const rate = (standard: number) => v.optional(v.pipe(v.number(), v.gtValue(0)), standard);
const ms = (standard: number) => v.optional(v.pipe(v.number(), v.minValue(1)), standard);

/** `LIMITS` overrides any of these; what it leaves out keeps its default. */
const limitsSchema = v.strictObject({
  /** How fast one may go on. What an act costs, and who pays for it, stands in `costs.ts`. */
  rates: v.optional(
    v.strictObject({
      /** Durable commands of one visitor, and of one network address: token buckets; the excess is answered "later", never refused. */
      messagesPerSecond: rate(5),
      messagesBurst: rate(10),
      messagesPerAddressSecond: rate(100),
      messagesPerAddressBurst: rate(600),
      typingPerSecond: rate(2),
      /** How often a page may report its address; of faster reports only the latest is passed on, when it is time. */
      pagePerSecond: rate(1),
      /**
       * What one network address may have read out of the database (hellos, history, gaps), all its pages together, or one operator;
       * each costs one, and one more for every 16 KB of the answer. One page alone gets a fraction of it. The excess waits.
       */
      readsPerSecond: rate(60),
      readsBurst: rate(240),
      readsPerPageSecond: rate(10),
      readsPerPageBurst: rate(60),
      /** What one connection, and one network address, may say: a frame costs one and one more for each KB, an item of a batch one. The excess waits. */
      framesPerSecond: rate(100),
      framesBurst: rate(400),
      framesPerAddressSecond: rate(500),
      framesPerAddressBurst: rate(5_000),
      /** Of that, what one connection may say although its neighbours have used up what their address may: people who write, and type. */
      framesSparedPerSecond: rate(4),
      framesSparedBurst: rate(8),
      /** Sockets, streams and rides that one network address asks for: all of an office at once, when it comes back. The excess is refused. */
      connectsPerAddressSecond: rate(20),
      connectsPerAddressBurst: rate(400),
      /** Requests of one network address, whatever they ask for, by what `costs.ts` says they cost; the excess is refused. */
      requestsPerSecond: rate(200),
      requestsBurst: rate(4_000),
      /** `POST /session`, `POST /outbox` and sign-ins of one network address, each. */
      sessionsPerMinute: count(600),
      /** Files that one network address begins to send. */
      uploadsPerMinute: count(300),
      /**
       * Sockets and streams open at once from one network address: an office of fifty people who have three windows each. Raw
       * connections, and requests that come by a proxy, may be three times as many (`entrance.ts`).
       */
      connectionsPerAddress: count(150),
      /** Visitors that begin anew on one site in a minute, and its visitors' sockets open at once: one site's flood is its own. */
      newVisitorsPerSiteMinute: rate(3_000),
      connectionsPerSite: count(10_000),
    }),
    {},
  ),
  /** Bytes of what visitors write (messages, cards, applications; each command counts at least half a KB), stored within 24 hours. */
  text: v.optional(
    v.strictObject({
      bytesPerVisitorDay: count(5 * 1024 * 1024),
      bytesPerAddressDay: count(100 * 1024 * 1024),
      bytesPerSiteDay: count(2 * 1024 * 1024 * 1024),
    }),
    {},
  ),
  /** After `tries` wrong passwords each further one waits twice as long as the one before. */
  login: v.optional(v.strictObject({ tries: count(5), firstDelayMs: ms(1_000), maxDelayMs: ms(900_000) }), {}),
  mail: v.optional(v.strictObject({ perVisitorDay: count(2), perAddressDay: count(3), perSiteHour: count(100), perIpHour: count(10) }), {}),
  /** Requests (the offline form) are stored for operators without anybody having signed in: from one network address, and on one site. */
  request: v.optional(v.strictObject({ perIpHour: count(60), perIpDay: count(200), perSiteDay: count(2_000) }), {}),
  file: v.optional(
    v.strictObject({
      maxBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(FILE_MAX_SIZE)), FILE_MAX_SIZE),
      /** Decoded pixels of an image, and the time its decoding may take. */
      maxPixels: count(40_000_000),
      decodeMs: ms(5_000),
      /** How long an upload waits for the scanner's word; afterwards it is quarantined and asked about again. */
      scanMs: ms(5_000),
      /** How many files and bytes one visitor, network address and site may upload in 24 hours. Arriving files count. */
      perVisitorDay: count(200),
      bytesPerVisitorDay: count(500 * 1024 * 1024),
      perAddressDay: count(2_000),
      bytesPerAddressDay: count(2 * 1024 * 1024 * 1024),
      perSiteDay: count(20_000),
      bytesPerSiteDay: count(20 * 1024 * 1024 * 1024),
      /** No file is taken that would leave less room than this on the disk, in bytes. */
      keepFreeBytes: count(512 * 1024 * 1024),
      /** Images decoded at once, of all visitors; of one network address only one. */
      concurrent: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 2),
      /** Time of decoding that one network address gets in a minute, as `costs.ts` estimates it by pixels; twice as much to begin with. The excess waits. */
      decodeMsPerAddressMinute: ms(30_000),
    }),
    {},
  ),
  /** Durations in milliseconds. */
  timing: v.optional(
    v.strictObject({
      /** The headers of a request have arrived within this time, or its connection is closed. */
      headersMs: ms(15_000),
      /** A whole request has arrived within this time: ten megabytes over a slow line. */
      requestMs: ms(300_000),
      /** A socket says hello within this time or is closed. */
      helloMs: ms(5_000),
      pingMs: ms(25_000),
      /** Silence after which a socket is dropped. */
      dropMs: ms(60_000),
      /** An operator's session that nobody uses ends after this time; used or not, after twelve hours. */
      operatorIdleMs: ms(1_800_000),
      /** Life of an access token. */
      accessMs: ms(600_000),
      /** A page that vanished counts as present for so long, so that a reload does not flicker in the workplace. */
      presenceGraceMs: ms(3_000),
      /** The longest sleep between two looks for due jobs. */
      jobPollMs: ms(1_000),
      /** How often the server removes expired data. */
      purgeMs: ms(3_600_000),
      /** How often changes made by the admin command are looked for. */
      foreignChangeMs: ms(500),
      /** How long a stopping server goes on as before while `/openz` says 404 already: a load balancer needs that to notice. */
      leaveMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
      /** How long a stopping server waits for running work. */
      drainMs: ms(15_000),
      client: v.optional(
        v.strictObject({
          silenceMs: ms(DEFAULT_CLIENT_TIMING.silenceMs),
          ackMs: ms(DEFAULT_CLIENT_TIMING.ackMs),
          backoffMinMs: ms(DEFAULT_CLIENT_TIMING.backoffMinMs),
          backoffMaxMs: ms(DEFAULT_CLIENT_TIMING.backoffMaxMs),
          stableMs: ms(DEFAULT_CLIENT_TIMING.stableMs),
          typingMs: ms(DEFAULT_CLIENT_TIMING.typingMs),
        }),
        {},
      ),
    }),
    {},
  ),
});

export type Limits = v.InferOutput<typeof limitsSchema>;
export type LimitsInput = v.InferInput<typeof limitsSchema>;

/** The limits in `input`, the rest at its default; for tests and for scripts that start a server themselves. */
export function createLimits(input: LimitsInput = {}): Limits {
  return v.parse(limitsSchema, input);
}

/** The limits that `input` sets, or its fault, as the end of a sentence that begins with its name. */
export function parseLimits(input: Record<string, unknown>, isLocalInstallation: boolean): Limits | string {
  const result = v.safeParse(limitsSchema, isLocalInstallation ? withLocalRates(input) : input);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue) ?? '';
  // What a strict object says of a member it does not know.
  if (issue.expected === 'never') return `${path}, which is no limit; expected one that exists`;
  return `${issue.received} at ${path}, expected ${issue.expected ?? issue.message}`;
}

/**
 * On a local machine (`localhost`) every visitor has the same address, so the limits per address would
 * stop the second dozen of tabs; there those numbers are larger.
 */
const LOCAL_RATES = {
  sessionsPerMinute: 6_000,
  uploadsPerMinute: 3_000,
  connectionsPerAddress: 1_000,
  readsPerSecond: 800,
  readsBurst: 2_400,
  messagesPerAddressSecond: 1_000,
  messagesPerAddressBurst: 6_000,
  framesPerAddressSecond: 5_000,
  framesPerAddressBurst: 50_000,
  connectsPerAddressSecond: 200,
  connectsPerAddressBurst: 4_000,
  requestsPerSecond: 2_000,
  requestsBurst: 40_000,
};

/** Puts the local rates under what was given; rates that are no object are left for the schema to refuse. */
function withLocalRates(input: Record<string, unknown>): unknown {
  const rates = input['rates'];
  if (rates !== undefined && !isObject(rates)) return input;
  return { ...input, rates: { ...LOCAL_RATES, ...rates } };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
