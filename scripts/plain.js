/**
 * The ESLint rule that keeps what `less.mjs` leaves out of Preact from being missed: the frame's components are functions that read
 * signals and draw elements. It refuses the imports, elements and attributes whose code is not there, and a signal drawn as it is.
 */

/** What each library may give. Types are free. */
const GIVEN = new Map([
  ['preact', new Set(['render', 'Fragment'])],
  ['preact/hooks', new Set(['useCallback', 'useEffect', 'useImperativeHandle', 'useLayoutEffect', 'useMemo', 'useRef'])],
]);

const ELEMENTS = /^(math|foreignObject|template)$/;
const ATTRIBUTES = /^(className|is|dangerouslySetInnerHTML|xlink.*)$/;

const SIGNALS = /^(Readonly)?Signal$/;

/** @param {import('typescript').Type} type @returns {boolean} */
function isSignal(type) {
  return type.isUnion() ? type.types.some(isSignal) : SIGNALS.test(type.aliasSymbol?.name ?? type.symbol?.name ?? '');
}

/** @type {import('eslint').Rule.RuleModule} */
export const plainRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      missing: 'The frame is built without {{what}}: see scripts/less.mjs.',
      signal: 'Read the signal: `.value`. The frame is built without the code that draws one.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    /** @param {import('eslint').Rule.Node} node @param {string} what */
    const refuse = (node, what) => context.report({ node, messageId: 'missing', data: { what } });

    return {
      ImportDeclaration(/** @type {any} */ node) {
        const given = GIVEN.get(node.source.value);
        if (given === undefined || node.importKind === 'type') return;
        for (const specifier of node.specifiers) {
          const name = specifier.imported?.name ?? '*';
          if (specifier.importKind !== 'type' && !given.has(name)) refuse(specifier, `${name} of ${node.source.value}`);
        }
      },
      MemberExpression(/** @type {any} */ node) {
        if (!/^(subscribe|toJSON)$/.test(node.property.name) || services.getTypeAtLocation === undefined) return;
        if (isSignal(services.getTypeAtLocation(node.object))) refuse(node, `${node.property.name} of a signal`);
      },
      JSXOpeningElement(/** @type {any} */ node) {
        if (ELEMENTS.test(node.name.name)) refuse(node, `<${node.name.name}>`);
      },
      JSXAttribute(/** @type {any} */ node) {
        const { name } = node.name;
        const isOfElement = /^[a-z]/.test(node.parent.name.name ?? '');
        if (isOfElement && (ATTRIBUTES.test(name) || (name === 'style' && node.value?.type === 'Literal'))) refuse(node, `${name} as text`);
      },
      JSXExpressionContainer(/** @type {any} */ node) {
        // A component takes signals as it likes; an element is given values.
        if (node.parent.type === 'JSXAttribute' && !/^[a-z]/.test(node.parent.parent.name.name ?? '')) return;
        if (node.expression.type === 'JSXEmptyExpression' || services.getTypeAtLocation === undefined) return;
        if (isSignal(services.getTypeAtLocation(node.expression))) context.report({ node, messageId: 'signal' });
      },
    };
  },
};
