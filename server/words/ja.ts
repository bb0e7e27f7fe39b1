/** What the server writes to a visitor, in Japanese. */
import type { Words } from './words.ts';

export const words: Words = {
  title: 'チャットでお問い合わせ',
  whichGroup: 'ご希望の窓口をお選びください',
  forWhom: '宛先をお選びください',
  patience: 'お待たせしております。まもなく担当者がご対応いたします。',
  invite: 'こんにちは。何かお手伝いできることはございますか？',
  consultant: 'お客様窓口',
  visitor: 'お客様',
  refusedFile: '{name}はウイルススキャンで拒否されたため、開くことができません。',
  mailSubject: 'チャットの記録',
  mailTitle: '{site}とのチャット',
  mailShortened: '以前のメッセージは省略されています。以下は最新の{n}件です。',
  mailEmpty: 'このチャットにはメッセージがありません。',
  mailFile: '{name}（{size}、{date}まで利用可能）：{link}',
  codeSubject: '確認コード',
  codeIs: '確認コードは{code}です。',
  codeHint: 'このアドレスがお客様のものであることを確認するためのコードで、15分間有効です。',
  codeOther: 'お心当たりがない場合は、何もする必要はありません。',
};
