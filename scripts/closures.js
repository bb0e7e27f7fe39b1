/**
 * The ESLint rule that keeps closures small enough to hold in the head: at most 200 lines, and at most 8 variables of its own
 * that change. A closure that needs more says why, in a comment on the line above it: `// closure: …`. The variables of loop
 * heads are not counted: they are gone when the loop ends.
 */

export const MAX_LINES = 200;
export const MAX_LETS = 8;

const ANSWER = 'Split it, or say why not on the line above: `// closure: …`';

/** A comment of this form, in at least four words. */
const REASON = /^\s*closure:\s+\S+(\s+\S+){3,}/;

/** @typedef {import('estree').Function} Closure */

/** @type {import('eslint').Rule.RuleModule} */
export const closuresRule = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      lines: `{{name}} has {{count}} lines, more than ${MAX_LINES}. ${ANSWER}`,
      lets: `{{name}} owns {{count}} variables that change, more than ${MAX_LETS}. ${ANSWER}`,
    },
  },
  create(context) {
    const { sourceCode } = context;
    /** Functions that are open where the linter is now, each with the number of its own `let`. @type {{ lets: number }[]} */
    const open = [];

    /** @param {Closure} node */
    function isExplained(node) {
      const line = node.loc?.start.line ?? 0;
      return sourceCode.getAllComments().some(({ value, loc }) => loc?.end.line === line - 1 && REASON.test(value));
    }

    /** @param {Closure & import('eslint').Rule.NodeParentExtension} node */
    function nameOf({ parent, ...node }) {
      if ('id' in node && node.id) return node.id.name;
      const key = parent.type === 'VariableDeclarator' ? parent.id : parent.type === 'Property' ? parent.key : undefined;
      return key?.type === 'Identifier' ? key.name : 'This function';
    }

    const enter = () => void open.push({ lets: 0 });

    /** @param {any} node */
    const leave = (node) => {
      const lets = open.pop()?.lets ?? 0;
      const lines = node.loc.end.line - node.loc.start.line + 1;
      if ((lines <= MAX_LINES && lets <= MAX_LETS) || isExplained(node)) return;
      const name = nameOf(node);
      if (lines > MAX_LINES) context.report({ node, messageId: 'lines', data: { name, count: String(lines) } });
      if (lets > MAX_LETS) context.report({ node, messageId: 'lets', data: { name, count: String(lets) } });
    };

    return {
      FunctionDeclaration: enter,
      FunctionExpression: enter,
      ArrowFunctionExpression: enter,
      'FunctionDeclaration:exit': leave,
      'FunctionExpression:exit': leave,
      'ArrowFunctionExpression:exit': leave,
      VariableDeclaration(node) {
        const owner = open.at(-1);
        if (node.kind !== 'let' || owner === undefined || /^For/.test(node.parent.type)) return;
        owner.lets += sourceCode.getDeclaredVariables(node).length;
      },
    };
  },
};
