import { describe, expect, test } from 'vitest';
import { parseSettings, toldSettings, type SettingsInput } from './settings.ts';

describe('[FF.D4] what the vendor’s settings may hold is taken', () => {
  test('the form’s place and movement are there, as the chat has them', () => {
    const { chat, offline_message: form } = toldSettings(parseSettings({}));
    expect([form.h_position, form.v_position, form.is_animation_enabled]).toEqual([
      chat.h_position,
      chat.v_position,
      chat.is_animation_enabled,
    ]);
    expect([chat.h_position, chat.v_position, chat.is_animation_enabled]).toEqual(['right', 'bottom', true]);
  });

  test('a middle position, a group title of null, a colour without #', () => {
    const look = { v_position: 'middle', h_position: 'left', group_title: null } as const;
    const settings = parseSettings({
      chat: look,
      offline_message: { ...look, is_animation_enabled: false },
      common: { banner_color: '1F5eFF' },
    });
    expect(settings).toMatchObject({
      chat: look,
      offline_message: { ...look, is_animation_enabled: false },
      common: { banner_color: '#1F5eFF' },
    });
    // What was kept is read again at each start.
    expect(parseSettings(structuredClone(settings))).toEqual(settings);
  });

  test.each<[unknown, RegExp]>([
    [{ common: { banner_color: '12345' } }, /such as "#2a6df4"/],
    [{ common: { banner_color: '##123456' } }, /such as "#2a6df4"/],
    [{ common: { accent_text: 'grey' } }, /expected "auto", "light", "dark" or a colour/],
    [{ common: { launcher_icon: 'star' } }, /"chat".*"question".*"hand"/],
    [{ common: { launcher_label: 'x'.repeat(41) } }, /<=40/],
    [{ common: { offset_x: 121 } }, /<=120/],
    [{ common: { offset_y: -1 } }, />=0/],
    [{ chat: { v_position: 'left' } }, /"middle"/],
    [{ chat: { h_position: 'middle' } }, /"left"/],
    [{ offline_message: { group_title: 5 } }, /string/i],
  ])('any other input is refused with a message: %j', (input, words) => {
    expect(() => parseSettings(input)).toThrow(words);
  });
});

test('[FF.D5] groups that are switched on are told as switched off while there is none, for chat and form alike', () => {
  const input = (allowed_groups: { id: string; name: string }[]): SettingsInput => ({
    chat: { is_groups_enabled: true, allowed_groups },
    offline_message: { is_groups_enabled: true, allowed_groups },
  });
  const told = (groups: { id: string; name: string }[]) => {
    const { chat, offline_message: form } = toldSettings(parseSettings(input(groups)));
    return [chat.is_groups_enabled, form.is_groups_enabled];
  };
  expect([told([]), told([{ id: 'g1', name: 'Sales' }])]).toEqual([
    [false, false],
    [true, true],
  ]);
  // The setting itself stays as it was made.
  expect(parseSettings(input([])).chat.is_groups_enabled).toBe(true);
});

test('[FF.C5] how often operators are called again is a setting of the site, half a minute at first, and no business of its pages', () => {
  expect(parseSettings({}).alert).toEqual({ repeat_seconds: 30 });
  expect(parseSettings({ alert: { repeat_seconds: 0 } }).alert).toEqual({ repeat_seconds: 0 });
  expect(toldSettings(parseSettings({}))).not.toHaveProperty('alert');
});

test('[FF.C11] titles, names and groups lose what would turn or hide the text beside them, sentences do not', () => {
  const turned = '\u202epohs\u2069 \u200fof\na\u0007ll';
  const {
    chat,
    offline_message: form,
    common,
  } = parseSettings({
    chat: {
      title: turned,
      group_title: turned,
      fields: [{ name: 'name', title: turned }],
      allowed_groups: [{ id: 'g1', name: turned }],
      invite: { name: turned, text: turned },
    },
    offline_message: { title: turned, group_title: turned },
    common: { company: turned },
  });
  const names = [
    chat.title,
    chat.group_title,
    chat.fields?.[0]?.title,
    chat.allowed_groups[0]?.name,
    chat.invite.name,
    form.title,
    form.group_title,
    common.company,
  ];
  expect(new Set(names)).toEqual(new Set(['pohs of all']));
  expect(chat.invite.text).toBe(turned);
});

test('[VI.corner] a chat whose site has chosen no side stands where the lines of the language end', () => {
  const told = (h_position?: 'left' | 'right'): string[] =>
    (['en', 'ar'] as const).map((language) => toldSettings(parseSettings({ chat: { h_position } }), language).chat.h_position);
  expect(told()).toEqual(['right', 'left']);
  expect(told('right')).toEqual(['right', 'right']);
  expect(told('left')).toEqual(['left', 'left']);
});
