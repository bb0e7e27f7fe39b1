/**
 * The language of each visitor. And the English texts of settings that were stored because a site had set none become empty,
 * which means our own words in each visitor's language.
 */
import type { Migration } from './migration.ts';

/** A setting that was stored by default, and what it was. */
const DEFAULTS: readonly [path: string, text: string][] = [
  ['$.chat.title', 'Chat with us'],
  ['$.chat.group_title', 'Who would you like to talk to?'],
  ['$.chat.invite.text', 'Hello! Can we help you?'],
  ['$.chat.invite.name', 'Consultant'],
  ['$.chat.retention.messages[0].text', 'Thank you for waiting. An operator will be with you shortly.'],
  ['$.offline_message.title', 'Leave a message'],
  ['$.offline_message.group_title', 'Who is it for?'],
  ['$.offline_message.fields[0].title', 'Name'],
  ['$.offline_message.fields[1].title', 'Email'],
  ['$.offline_message.fields[2].title', 'Message'],
];

export const languages: Migration = {
  version: 18,
  name: 'languages',
  sql: [
    'ALTER TABLE visitor ADD COLUMN language TEXT;',
    ...DEFAULTS.map(
      ([path, text]) =>
        `UPDATE site SET settings = json_replace(settings, '${path}', '') WHERE json_extract(settings, '${path}') = '${text}';`,
    ),
  ].join('\n'),
};
