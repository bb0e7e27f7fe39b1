/**
 * The settings of a site nobody has touched: what a frame shows until the server has said better. Written out because the
 * schema in `settings.ts` needs a parser that the frame has no bytes for; a test holds the two equal.
 */
import type { Settings } from './settings.ts';

export const DEFAULT_SETTINGS: Settings = {
  chat: {
    title: 'Chat with us',
    is_visible: true,
    fields: null,
    is_groups_enabled: false,
    group_title: 'Who would you like to talk to?',
    allowed_groups: [],
    is_file_transfer: true,
    is_consultant_operator_rating: true,
    is_animation_enabled: true,
    h_position: 'right',
    v_position: 'bottom',
    retention: {
      is_alternate_communication_way_enabled: true,
      alternate_communication_way_timeout: 60,
      messages: [{ timeout: 30, text: 'Thank you for waiting. An operator will be with you shortly.' }],
      alternate_communication_way: 'offline_message',
    },
    is_typing_preview: true,
    message_max_length: 4096,
    file: { max_size: 10 * 1024 * 1024, accept: [] },
    invite: { is_enabled: false, timeout: 30, text: 'Hello! Can we help you?', name: 'Consultant' },
  },
  offline_message: {
    title: 'Leave a message',
    is_visible: true,
    fields: [
      { name: 'name', is_required: false, title: 'Name' },
      { name: 'email', is_required: true, title: 'Email' },
      { name: 'message', is_required: true, title: 'Message' },
    ],
    is_groups_enabled: false,
    group_title: 'Who is it for?',
    allowed_groups: [],
    is_animation_enabled: true,
    h_position: 'right',
    v_position: 'bottom',
  },
  common: { banner_color: '#1f5eff', company: '', privacy_url: '' },
  consent: 'on-interaction',
};
