/** What the server writes to a visitor, in Simplified Chinese. */
import type { Words } from './words.ts';

export const words: Words = {
  title: '联系我们',
  whichGroup: '您想和谁联系？',
  forWhom: '发给谁？',
  patience: '感谢您的耐心等待，马上有人为您服务。',
  invite: '您好！有什么可以帮您？',
  consultant: '在线咨询',
  visitor: '访客',
  refusedFile: '{name}未通过病毒扫描，无法打开。',
  mailSubject: '您的聊天记录',
  mailTitle: '您与{site}的聊天',
  mailShortened: '较早的消息已省略，以下是最新的{n}条。',
  mailEmpty: '此次聊天中没有消息。',
  mailFile: '{name}（{size}，有效期至{date}）：{link}',
  codeSubject: '您的验证码',
  codeIs: '您的验证码是{code}。',
  codeHint: '它用于确认此邮箱地址属于您，15分钟内有效。',
  codeOther: '如果不是您本人申请，则无需任何操作。',
};
