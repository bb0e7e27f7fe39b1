/**
 * The table of operators' rights, held against the rooms by random sequences of commands: who may do what with a chat depends on
 * the site, on who has joined, on whether it is open, and on nothing else. And of those who join at once, one wins.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';
import { OTHER_SITE, SITE, chatOf, createWorld, verdict, type Unsent, type World } from '../testing/room-world.ts';
import type { Operator } from '../store/operators.ts';

let world: World;
let staff: { ann: Operator; bea: Operator; eve: Operator; rex: Operator };
beforeEach(async () => {
  world = await createWorld();
  const rex = await world.addOperator('Rex', [SITE]);
  staff = {
    ann: await world.addOperator('Ann', [SITE]),
    bea: await world.addOperator('Bea'),
    eve: await world.addOperator('Eve', [OTHER_SITE]),
    rex,
  };
  await world.store.transact([], (tx) => tx.saveOperator({ ...rex, isRevoked: true }));
});
afterEach(() => world.close());

type Name = keyof typeof staff;
interface State {
  isOpen: boolean;
  operator: string | null;
}

const NAMES: readonly Name[] = ['ann', 'bea', 'eve', 'rex'];
const DEEDS = [
  'message.send',
  'file.send',
  'chat.join',
  'chat.leave',
  'chat.close',
  'chat.transfer',
  'messages.read',
  'request.done',
] as const;
type Deed = (typeof DEEDS)[number];

/** What the room must say, and what the chat is afterwards. */
function expected(state: State, who: Operator, deed: Deed, target: Operator): [string, State] {
  if (who === staff.rex) return ['unauthorized', state];
  if (who === staff.eve || deed === 'request.done') return ['not_found', state];
  if (deed === 'messages.read') return ['ack', state];
  const isMine = state.operator === who.id;
  if (deed === 'chat.close') {
    if (!state.isOpen) return ['ack', state];
    return state.operator === null || isMine ? ['ack', { isOpen: false, operator: null }] : ['forbidden', state];
  }
  if (!state.isOpen) return ['chat_closed', state];
  if (deed === 'chat.join')
    return state.operator === null ? ['ack', { ...state, operator: who.id }] : [isMine ? 'ack' : 'already_taken', state];
  if (!isMine) return ['forbidden', state];
  switch (deed) {
    case 'message.send':
      return ['ack', state];
    case 'file.send':
      return ['not_found', state];
    case 'chat.leave':
      return ['ack', { ...state, operator: null }];
    case 'chat.transfer':
      if (target === staff.eve || target === staff.rex) return ['not_found', state];
      return target === who ? ['invalid_argument', state] : ['ack', { ...state, operator: target.id }];
  }
}

function commandOf(deed: Deed, chat: string, target: Operator): Unsent<OperatorCommand> {
  switch (deed) {
    case 'message.send':
      return { kind: deed, chat, text: 'x' };
    case 'file.send':
      return { kind: deed, chat, file: 'nothing' };
    case 'chat.transfer':
      return { kind: deed, chat, operator: target.id };
    case 'messages.read':
      return { kind: deed, chat, seq: 1 };
    case 'request.done':
      return { kind: deed, request: 'nothing' };
    case 'chat.join':
    case 'chat.leave':
    case 'chat.close':
      return { kind: deed, chat };
  }
}

/** One conversation in which every kind of verdict is met; the random ones come after it. */
const ORDINARY: [Name, Deed, Name][] = [
  ['eve', 'chat.join', 'ann'],
  ['rex', 'chat.join', 'ann'],
  ['ann', 'message.send', 'ann'],
  ['ann', 'chat.join', 'ann'],
  ['bea', 'chat.join', 'ann'],
  ['bea', 'chat.close', 'ann'],
  ['ann', 'message.send', 'ann'],
  ['ann', 'chat.transfer', 'bea'],
  ['ann', 'message.send', 'ann'],
  ['bea', 'chat.close', 'ann'],
  ['bea', 'chat.join', 'ann'],
];

it('[F3] an operator may do what the table says, whatever was done before, and nothing else', async () => {
  const said = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...DEEDS), fc.constantFrom(...NAMES)), { minLength: 5, maxLength: 40 }),
      async (steps) => {
        const visitor = await world.addVisitor();
        const chat = chatOf(await world.visitor(visitor, { kind: 'message.send', text: 'Hello', group: null }));
        let state: State = { isOpen: true, operator: null };
        for (const [who, deed, target] of steps) {
          const [answer, next] = expected(state, staff[who], deed, staff[target]);
          expect(
            verdict(await world.operator(staff[who], commandOf(deed, chat, staff[target]))),
            `${who} ${deed} ${target} in ${JSON.stringify(state)}`,
          ).toBe(answer);
          state = next;
          said.add(`${deed} ${answer}`);
          const now = (await world.store.chat(SITE, chat))?.summary;
          expect({ isOpen: now?.isOpen, operator: now?.operator?.id ?? null }).toEqual(state);
        }
      },
    ),
    { numRuns: 60, examples: [[ORDINARY]] },
  );
  // Every verdict of the table was met: what was never tried was not shown.
  for (const met of [
    'chat.join ack',
    'chat.join already_taken',
    'chat.join chat_closed',
    'chat.join not_found',
    'chat.join unauthorized',
    'chat.close forbidden',
    'message.send forbidden',
    'message.send ack',
    'chat.transfer ack',
  ]) {
    expect([...said]).toContain(met);
  }
}, 60_000);

it('[F3] [fault 50] of operators who join at once exactly one wins; the others get a refusal', async () => {
  for (let i = 0; i < 20; i += 1) {
    const chat = chatOf(await world.visitor(await world.addVisitor(), { kind: 'message.send', text: 'Hello', group: null }));
    const verdicts = await Promise.all(
      [staff.ann, staff.bea, staff.eve, staff.rex].map(async (who) => verdict(await world.operator(who, { kind: 'chat.join', chat }))),
    );
    expect(verdicts.slice(0, 2).sort()).toEqual(['ack', 'already_taken']);
    expect(verdicts.slice(2)).toEqual(['not_found', 'unauthorized']);
    const joined = (await world.eventsOf(chat)).filter(({ kind }) => kind === 'operator.joined');
    expect(joined).toHaveLength(1);
  }
});
