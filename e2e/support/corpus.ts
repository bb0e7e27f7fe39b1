/**
 * Texts that were run as code, taken for markup, or broke a page's shape somewhere. Each is written into every field that one
 * side fills and another sees; none may do anything but be read. `CANARY` is replaced by an address that nobody may ask for.
 */

/* eslint-disable no-script-url, no-template-curly-in-string */
const CORPUS: readonly string[] = [
  // tags and handlers
  '<script>owned=1</script>',
  '"><script src=CANARY/a.js></script>',
  '</textarea></title></style><script>owned=1</script>',
  '<img src=x onerror="owned=1">',
  '<img src=CANARY/pixel.png>',
  '<svg/onload=owned=1>',
  '<svg><animate onbegin=owned=1 attributeName=x dur=1s>',
  '<iframe srcdoc="<script>parent.owned=1</script>">',
  '<iframe src=javascript:parent.owned=1>',
  '<object data=CANARY/o.swf></object><embed src=CANARY/e.swf>',
  '<style>@import "CANARY/s.css";*{display:none}</style>',
  '<link rel=stylesheet href=CANARY/l.css><base href=CANARY/>',
  '<meta http-equiv=refresh content="0;url=CANARY/r">',
  '<form action=CANARY/f><button autofocus onfocus=owned=1>',
  '<details open ontoggle=owned=1><summary>x</summary></details>',
  '<math><mtext><table><mglyph><style><img src=x onerror=owned=1>',
  '<!--><img src=x onerror=owned=1>-->',
  '" autofocus onfocus="owned=1" x="',
  "' onmouseover='owned=1",
  // addresses and markup of other languages
  'javascript:owned=1',
  '[x](javascript:owned=1) ![x](CANARY/md.png)',
  '<a href="data:text/html,<script>owned=1</script>">x</a>',
  'url(CANARY/css.png);background:url(CANARY/css.png)',
  // templates and formulas
  '{{constructor.constructor("owned=1")()}}',
  '${owned=1}#{owned=1}<%=owned=1%>{%owned%}',
  '=HYPERLINK("CANARY/x","x")',
  // entities, encodings, control and direction
  '&lt;img src=x onerror=owned=1&gt;&#60;script&#62;owned=1&#60;/script&#62;',
  '+ADw-script+AD4-owned=1+ADw-/script+AD4-',
  '\u202e\u2067tpircs<\u2066 gpj.exe',
  'a\u0300\u0301\u0302'.repeat(40),
  '\u{1F468}\u200d\u{1F469}\u200d\u{1F467}\ufdfd\u{12031}',
  // very long, nowhere to break
  'W'.repeat(600),
];
/* eslint-enable no-script-url, no-template-curly-in-string */

/** The corpus with an address in it that is watched. */
export function corpusFor(canary: string): string[] {
  return CORPUS.map((text) => text.replaceAll('CANARY', canary));
}

/** A few in one, for fields that are short: the most a field of `max` characters can carry. */
export function mixFor(canary: string, max: number): string {
  const mix = '"><img src=CANARY/p onerror=owned=1><script>owned=1</script>{{owned=1}}\u202e';
  return mix.replaceAll('CANARY', canary).slice(0, max);
}

/**
 * The texts one after the other in as few pieces of at most `max` characters as they fill, each cut to that: for fields that
 * are filled once per piece. Whole characters only, and no spaces at the ends, which fields do not keep.
 */
export function pieces(texts: readonly string[], max: number): string[] {
  const found: string[] = [];
  for (const text of texts) {
    const cut = text
      .slice(0, max)
      .replace(/[\ud800-\udbff]$/, '')
      .trim();
    const last = found.at(-1);
    if (last === undefined || last.length + 1 + cut.length > max) found.push(cut);
    else found[found.length - 1] = `${last} ${cut}`;
  }
  return found;
}
