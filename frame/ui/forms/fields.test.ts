import { expect, test } from 'vitest';
import { isEmail } from '../../../shared/contact.ts';
import { type Field, detailFields, problemOf, requestFields } from './fields.ts';

const field = (name: Field['name'], is_required = false): Field => ({ name, is_required, title: '' });
const names = (fields: Field[]) => fields.map((one) => `${one.name}${one.is_required ? '!' : ''}`);

test('a form does not ask for known values again, but always for required ones', () => {
  expect(names(detailFields([field('name', true), field('phone'), field('message')], ['email'], { name: 'Ann' }))).toEqual([
    'phone',
    'email!',
  ]);
  expect(names(detailFields(null, ['name'], {}))).toEqual(['name!']);
});

test('a call back needs a phone number and nothing else', () => {
  expect(names(requestFields([field('email', true), field('message', true)], true))).toEqual(['phone!', 'message']);
  expect(names(requestFields(null, false))).toEqual(['email!', 'message!']);
});

test('a field names the problem of its value', () => {
  expect(problemOf(field('name', true), '  ')).toBe('missing');
  expect(problemOf(field('email'), '')).toBeNull();
  expect(problemOf(field('email'), 'a@')).toBe('email');
  expect(problemOf(field('phone'), 'call me')).toBe('phone');
  expect(problemOf(field('phone'), '+31 20 123 45 67')).toBeNull();
});

test.each(['a@b.example', 'a.b+c@d', 'ü@münchen.example'])('%s may be an e-mail address', (text) => expect(isEmail(text)).toBe(true));
test.each(['@', 'a@', '@b', 'a@b@c', 'a b@c', 'a@b,c@d', '<a@b>'])('%s is none', (text) => expect(isEmail(text)).toBe(false));
