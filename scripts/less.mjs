/**
 * Leaves out of libraries what our frame and our loader never ask of them. Each fact is written where the library asks, as the answer;
 * the minifiers do the rest. The packages themselves stay as they are published, in the operator's pages and in every test in
 * Node. A version in which one of these places has changed does not build.
 *
 * Keep the facts true: `eslint.config.js` refuses code of the frame that would make one of them false.
 */

/** @typedef {[asked: string | RegExp, answer: string, times?: number]} Fact */

/**
 * @param {string} name of the package
 * @param {RegExp} file
 * @param {readonly Fact[]} facts
 * @param {readonly string[]} environments
 * @returns {import('vite').Plugin}
 */
const less = (name, file, facts, environments) => ({
  name: `less-${name}`,
  applyToEnvironment: (environment) => environments.includes(environment.name),
  transform(code, id) {
    if (!file.test(id)) return;
    return facts.reduce((rest, [asked, answer, times = 1]) => {
      const parts = rest.split(asked);
      if (parts.length !== times + 1) this.error(`${name} no longer asks as it did: ${asked}`);
      return parts.join(answer);
    }, code);
  },
});

/** The filters of both ends of the port (`host/port.ts`, `shared/page/guard.ts`) pass calls of one name and answers, and nothing else. */
const COMLINK = /** @type {Fact[]} */ ([
  // A call is an `APPLY`: nothing is read, written, constructed or released from the other side.
  ['switch (type)', 'switch ("APPLY")'],
  ['if (type === "RELEASE" /* MessageType.RELEASE */)', 'if (false)'],
  // The port knows no origin; the handshake has asked for it.
  ['!isAllowedOrigin(allowedOrigins, ev.origin)', 'false'],
  // Our one proxy lives as long as its port, and is only ever called by a name.
  ['"FinalizationRegistry" in globalThis', 'false'],
  ['    registerProxy(proxy, ep);', ''],
  ['if (isReleased)', 'if (false)'],
  ['prop === releaseProxy', 'false'],
  ['prop === "then"', 'false'],
  ['last === createEndpoint', 'false'],
  ['last === "bind"', 'false'],
  [/ {8}set\(_target, prop, rawValue\) \{.*?\n {8}\},/s, ''],
  [/ {8}construct\(_target, rawArgumentList\) \{.*?\n {8}\},/s, ''],
  // What crosses is plain, and no exception crosses as such.
  ['value instanceof Error', 'false'],
  ['serialized.isError', 'false'],
  ['["proxy", proxyTransferHandler],', ''],
]);

/** `host/port.ts` passes less still. */
const COMLINK_OF_LOADER = /** @type {Fact[]} */ ([
  ...COMLINK,
  // The filter makes each envelope anew, so it has all its parts: of a call one name and one raw argument.
  ['!ev || !ev.data', 'false'],
  ['Object.assign({ path: [] }, ev.data)', 'ev.data'],
  ['(ev.data.argumentList || []).map(fromWireValue)', '[ev.data.argumentList[0].value]'],
  ['path.slice(0, -1).reduce((obj, prop) => obj[prop], obj)', 'obj'],
  ['path.reduce((obj, prop) => obj[prop], obj)', 'obj[path[0]]'],
  ['path: path.map((p) => p.toString())', 'path', 2],
  ['ep = globalThis, allowedOrigins = ["*"]', 'ep'],
  ['createProxy(ep, pendingListeners, [], target)', 'createProxy(ep, pendingListeners)'],
  ['path = [], target = function () { }', 'path'],
  ['new Proxy(target,', 'new Proxy(function () { },'],
  ['[...path, prop]);', '[prop]);'],
  // It passes answers to our own calls alone, each once.
  ['!data || !data.id', 'false'],
  ['if (!resolver)', 'if (false)'],
  [/try \{\s*resolver\(data\);\s*\}\s*finally/, 'resolver(data);'],
  // Our endpoint is open from the beginning.
  ['if (ep.start)', 'if (false)', 2],
  // The methods of the page return nothing and throw nothing, and nothing is transferred. So a call is answered without a value.
  [/try (?=\{\s*const parent)/, ''],
  [/catch \(value\) \{.*?\n {8}\}/s, ''],
  [/\n {12}\.catch\(\(value\) => \{.*?\n {8}\}\)/s, ''],
  [/\n {12}\.catch\(\(error\) => \{.*?\n {8}\}\);/s, ';'],
  [/Promise\.resolve\(returnValue\)\s*\.then\(\(returnValue\) => (?=\{)/, ''],
  [/(?<=\n {8}\})\);(?=\n {4}\}\);)/, ''],
  ['const [wireValue, transferables] = toWireValue(returnValue);', 'const wireValue = { type: "RAW" };'],
  ['ep.postMessage(Object.assign(Object.assign({}, wireValue), { id }), transferables)', 'ep.postMessage({ ...wireValue, id })'],
  [
    'const [argumentList, transferables] = processArguments(rawArgumentList);',
    'const argumentList = rawArgumentList.map((value) => ({ type: "RAW", value }));',
  ],
  [/(?<=argumentList,\s*\}), transferables/, ''],
  ['ep.postMessage(Object.assign({ id }, msg), transfers)', 'ep.postMessage({ id, ...msg })'],
  // What comes back is nothing or, in the one shape that the filter makes, a failure.
  [/switch \(value\.type\) \{.*?\n {4}\}/s, 'if (value.type !== "RAW") throw value.value.value;'],
  // An id has to differ from the others on the port, which nobody else can read.
  // One kind of call is made, in one place.
  [
    /requestResponseMessage\(ep, pendingListeners, \{(?=\s*type: "APPLY")/,
    'new Promise((resolve) => { const id = "" + Math.random(); pendingListeners.set(id, resolve); ep.postMessage({ id,',
  ],
  [/(?<=argumentList,\s*\}\))(?=\.then)/, '; })'],
]);

/** Components of ours are functions that draw elements of HTML and SVG. Nothing is hydrated, suspended, portalled or caught. */
const PREACT = /** @type {Fact[]} */ ([
  // Signals and hooks listen to drawing, always; nobody listens to the making of nodes, adapts events or defers drawing.
  ['(s=n.__b)&&s(r);', 'n.__b(r);'],
  ['H=n.__r,', ''],
  ['H&&H(r)', 'n.__r(r)'],
  ['(s=n.diffed)&&s(r)', ' n.diffed(r)'],
  ['n.__c&&n.__c(r,t)', 'n.__c(r,t)'],
  ['n.unmount&&n.unmount(t)', 'n.unmount(t)'],
  ['return!o&&n.vnode&&n.vnode(e),e', 'return e'],
  ['n.vnode&&n.vnode(r),', ''],
  ['u(n.event?n.event(r):r)', 'u(r)'],
  ['&&i==n.debounceRendering||((i=n.debounceRendering)||queueMicrotask)(H)', '||queueMicrotask(H)'],
  ['(i||queueMicrotask)(H)', 'queueMicrotask(H)'],
  // No portals.
  ['"function"!=typeof n.type||n.props.__P?null:S(n)', '"function"!=typeof n.type?null:S(n)'],
  ['n.__c&&!n.props.__P)', 'n.__c)'],
  ['if(n.props.__P)return t;', ''],
  [/M\.__P&&\(s=l,.*?S\(u,0\):null\),/, ''],
  ['M.__P&&(r.__e=null,l=s),', ''],
  ['"function"!=typeof t.type||u&&!t.props.__P', '"function"!=typeof t.type||u'],
  // A root is an empty element, and only Preact puts something into it: nothing is hydrated or taken over.
  ['32&u.__u?[i]:null,f,i||S(u),32&u.__u,o)', 'null,f,i||S(u),0,o)'],
  ['n.__&&n.__(t,r),9==r.nodeType&&(r=r.documentElement),', ''],
  ['i=(u=t&&32&t.__u)?null:r.__k', 'i=r.__k'],
  ['i?null:r.firstChild?d.call(r.childNodes):null,f,i?i.__e:r.firstChild,u,o)', 'null,f,i?i.__e:null,0,o)'],
  [/128&u\.__u&&\(c=32&u\.__u,.*?l=o\[0\]\|\|l\),/, ''],
  ['r.__u&=-161,p&&p.some(g),', ''],
  [/if\(e\.length=v,r\.__v=null,c\|\|o\)if\(t&&t\.then\).*?else r\.__e=u\.__e;/, 'e.length=v,r.__v=null,r.__e=u.__e;'],
  ['t&&t.then||D(r)', 'D(r)'],
  [/,o\)for\(s=0;.*?break\}if\(!t\)/, ',!t)'],
  [',x.is?x:a),l&&(n.__m&&n.__m(r,o),l=!1),o=null', ')'],
  [/if\(a="template"==C&&t\.content\|\|t,o="textarea".*?=k\.value;/, 'a=t;'],
  ['l&&"function"!=typeof k||$[s]===k', '$[s]===k'],
  ['o?o[0]:u.__k&&S(u,0),l,c),o&&o.some(g))', 'u.__k&&S(u,0),0,c))'],
  ['l&&"textarea"!=C||(', '('],
  ['$===x||l&&t.data==x||', '$===x||'],
  [/!u&&\(i=t\.__c\)&&\(i=i\.__z\)&&.*?g\(i\)\),/, ''],
  // And so there are no comments between elements.
  [';e&&8==e.nodeType;)e=e.nextSibling;for(', ';0;);for('],
  ['(t=t&&t.nextSibling)&&8==t.nodeType&&!t.data.startsWith("$s"););return t', '0;);return t&&t.nextSibling'],
  // No classes, no context, no state beside signals.
  ['C=(s=V.prototype)&&s.render,j=(s=V.contextType)&&i[s.__c],L=s?j?j.props.value:s.__:i,', ''],
  ['(r.__c=d,2&d.__g&&(d.__g|=1))', 'r.__c=d'],
  [
    '(C?r.__c=d=new V(M,L):(r.__c=d=new x(M,L),d.constructor=V,d.render=K),j&&j.sub(d),d.state||(d.state={}),',
    '(r.__c=d=new x(M),d.constructor=V,d.render=K,',
  ],
  ['d.__h=[],d.__k=[]),C&&(', 'd.__h=[]),0&&('],
  ['k=d.props,b=d.state,d.__v=r', 'k=d.props,d.__v=r'],
  ['M!==k&&C&&!V.getDerivedStateFromProps&&d.componentWillReceiveProps&&d.componentWillReceiveProps(M,L),', ''],
  ['d.shouldComponentUpdate&&!1===d.shouldComponentUpdate(M,d.__s,L)', '!1===d.shouldComponentUpdate(M)'],
  ['d.props=M,d.state=d.__s,d.__g', 'd.props=M,d.__g'],
  ['y.push.apply(d.__h,d.__k),d.__k=[],d.__h.length&&e.push(d),l=S(u)', 'd.__h.length&&e.push(d),l=S(u)'],
  [/d\.componentWillUpdate&&.*?d\.__h\.push\(d\.componentDidMount\);d\.context=L,/, '}'],
  ['q=C?25:0', 'q=0'],
  ['d.render(d.props,d.state=d.__s,d.context)', 'd.render(d.props)'],
  ['return this.constructor(n,r)', 'return this.constructor(n)'],
  [/C&&\(y\.push\.apply\(d\.__h,d\.__k\).*?getSnapshotBeforeUpdate\(k,b\)\),/, ''],
  ['1&d.__g&&(d.__g&=-4)', '0'],
  ['if(i.componentWillUnmount)try{i.componentWillUnmount()}catch(t){n.__e(t,r)}', ''],
  [/if\(\(i=t\.__c\)&&!\(1&i\.__g\)\)\{i\.__g\|=4;try\{.*?catch\(t\)\{n=t\}\}/, '(i=t.__c)&&(i.__g|=4);'],
  [/var r=this\.__s;r&&r!=this\.state.*?L\(this\)\)\)\}/, 'this.__v&&L(this)}'],
  [/x\.prototype\.forceUpdate=function\(n\)\{.*?\},/, ''],
  // Attributes have the names that a browser gives them, and styles are objects.
  ['if("string"==typeof r)n.style.cssText=r;else{if("string"==typeof u&&(n.style.cssText=u=""),u)', '{if(u)'],
  [
    'if("http://www.w3.org/2000/svg"==i)t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(',
    'if("http://www.w3.org/2000/svg"!=i&&',
  ],
  ['"math"==C?f="http://www.w3.org/1998/Math/MathML":', ''],
  // No HTML is made from text.
  ['"dangerouslySetInnerHTML"==s?y=k:', ''],
  ['"dangerouslySetInnerHTML"==s?h=k:', ''],
  [/h\?\(l\|\|y&&.*?,r\.__k=\[\]\):\(y&&\(t\.textContent=""\),\("foreignObject".*?xhtml"\),/, '('],
]);

/** The state of a component is in signals; effects wait for the browser's own frames, and nobody else listens to drawing before. */
const HOOKS = /** @type {Fact[]} */ ([
  ['a.__h&&a.__h(r,n,f||t),f=0;', ''],
  [/!a\.__s&&E(?=\(i\.__H,u\)&&\(i\.__P=!0)/, 'E'],
  [/!a\.__s&&E(?=\(i\.__H,u\)&&\(i\.__P=!1)/, 'E'],
  ['f=5,', ''],
  [',v&&v(n)', ''],
  [/a\.__=function\(n,t\)\{.*?p&&p\(n,t\)\},/, ''],
  ['l&&l(n),', ''],
  ['n.__N&&(n.__=n.__N),n.u=n.__N=void 0', 'n.u=void 0'],
  ['m&&m(n);', ''],
  [',h&&h(n,t)', ''],
  ['s&&s(n);', ''],
  ['"function"==typeof requestAnimationFrame', '!0'],
  ['1!=n&&i==a.requestAnimationFrame||((i=a.requestAnimationFrame)||z)(g)', '1!=n||z(g)'],
]);

/** The compiler says nothing of where a node was made, and nobody listens to its making. */
const JSX = /** @type {Fact[]} */ ([['(a||i)&&(s.__source=a,s.__self=i),r.vnode&&r.vnode(s),', ' ']]);

/** Components read signals; none is itself drawn or bound to an attribute. */
const SIGNALS = /** @type {Fact[]} */ ([
  ['"undefined"!=typeof window&&!!window.__PREACT_SIGNALS_DEVTOOLS__', '!1'],
  [/w\.displayName=.*?(?=b\("__b")/s, ''],
  [/if\("string"==typeof i\.type\)\{let t,n=i\.props.*?(?=t\(i\)\}\);b\("__r")/s, ''],
  [/,\{name:i\}\);n\.c=t/, ');n.c=t'],
  [',"function"==typeof n.type?n.type.displayName||n.type.name:""', ''],
  [/let n;if\("string"==typeof i\.type&&\(n=i\.__e\)\).*?(?=t\(i\)\}\);function k)/s, ''],
  [/b\("__h".*?(?=n\.prototype\.should)/s, ''],
  ['if(this.__R)return!0;', ''],
  ['for(let t in i)return!0;if(this', 'if(this'],
  [/if\(this\.__f\|\|.*?\}else\{/, '{'],
  ['"__source"!==i&&', ''],
  [/if\("string"==typeof i\.type\)\{let t=i\.__e;.*?i\.__np=void 0\}else/s, ''],
]);

/** Signals have no names, nobody waits for the first reader of one, and none is written as text. */
const SIGNALS_CORE = /** @type {Fact[]} */ ([
  [/this\.W=null==i.*?this\.name=null==i\?void 0:i\.name\}/, '}'],
  ['else f(()=>{var t;null==(t=this.W)||t.call(this)})', ''],
  ['if(void 0===n)f(()=>{var t;null==(t=this.Z)||t.call(this)})', ''],
  [/y\.prototype\.subscribe=.*?(?=y\.prototype\.peek)/, ''],
  ['this.name=null==i?void 0:i.name;if(s)s.push(this)', ''],
  ['m.prototype.dispose=function(){this.d()};', ''],
  ['o[Symbol.dispose]=o;', ''],
]);

export const lessOfLibraries = [
  less('comlink', /\/comlink\.m?js$/, COMLINK, ['frame']),
  less('comlink-of-loader', /\/comlink\.m?js$/, COMLINK_OF_LOADER, ['loader']),
  less('preact', /\/preact\/dist\/preact\.mjs$/, PREACT, ['frame']),
  less('hooks', /\/hooks\/dist\/hooks\.mjs$/, HOOKS, ['frame']),
  less('jsx-runtime', /\/dist\/jsxRuntime\.mjs$/, JSX, ['frame']),
  less('signals', /\/signals\/dist\/signals\.mjs$/, SIGNALS, ['frame']),
  less('signals-core', /\/signals-core\/dist\/signals-core\.mjs$/, SIGNALS_CORE, ['frame']),
];
