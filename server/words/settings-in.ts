/**
 * A site's settings as one language tells them. Each text is the site's own in that language, else the site's own for all
 * languages, else ours. So nobody behind this file meets an empty title.
 */
import type { Language } from '../../shared/languages/languages.ts';
import { toldSettings, type Settings, type SiteSettings } from '../../shared/settings.ts';
import { wordsIn } from './catalogues.ts';

type Field = NonNullable<SiteSettings['chat']['fields']>[number];

/** What clients are told. */
export function settingsIn(settings: SiteSettings, language: Language): Settings {
  return toldSettings(spokenIn(settings, language), language);
}

/** The language of visitors who have not said theirs. */
export function siteLanguage({ common }: Pick<SiteSettings, 'common'>): Language {
  return common.language || 'en';
}

/** All settings, with every text in that language. */
export function spokenIn(settings: SiteSettings, language: Language): SiteSettings {
  const { chat, offline_message: offline, common } = settings;
  const own = settings.translations[language] ?? {};
  const words = wordsIn(language);
  const titleOf = (part: 'chat' | 'offline_message', name: Field['name']): string | undefined =>
    // No chat asks for a message before it begins.
    part === 'offline_message' ? own[`offline_message.fields.${name}`] : name === 'message' ? undefined : own[`chat.fields.${name}`];
  const fieldsOf = (part: 'chat' | 'offline_message'): typeof chat.fields => {
    const { fields } = settings[part];
    return fields && fields.map((field) => ({ ...field, title: titleOf(part, field.name) || field.title || words[field.name] }));
  };
  const groupsOf = (groups: typeof chat.allowed_groups): typeof groups =>
    groups.map((group) => ({ ...group, name: own[`groups.${group.id}`] || group.name }));
  return {
    ...settings,
    chat: {
      ...chat,
      title: own['chat.title'] || chat.title || words.title,
      greeting: own['chat.greeting'] || chat.greeting,
      questions: [...(own['chat.questions'] ?? chat.questions)],
      fields: fieldsOf('chat'),
      group_title: own['chat.group_title'] || chat.group_title || words.whichGroup,
      allowed_groups: groupsOf(chat.allowed_groups),
      retention: {
        ...chat.retention,
        messages: chat.retention.messages.map(({ timeout, text }, index) => ({
          timeout,
          text: own['chat.retention.messages']?.[index] || text || words.patience,
        })),
      },
      invite: {
        ...chat.invite,
        text: own['chat.invite.text'] || chat.invite.text || words.invite,
        name: own['chat.invite.name'] || chat.invite.name || words.consultant,
      },
    },
    offline_message: {
      ...offline,
      title: own['offline_message.title'] || offline.title || words.leaveMessage,
      fields: fieldsOf('offline_message'),
      group_title: own['offline_message.group_title'] || offline.group_title || words.forWhom,
      allowed_groups: groupsOf(offline.allowed_groups),
    },
    common: {
      ...common,
      company: own['common.company'] || common.company,
      launcher_label: own['common.launcher_label'] || common.launcher_label,
    },
  };
}
