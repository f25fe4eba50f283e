/**
 * The rules of the house that no stock rule can say, as a plugin of oxlint. Each has a test that sees it bite
 * (test/unit/house-rules.test.ts).
 */
import { doorPassed, joinedFeatures, layerOf, projectPath, projectRoot, whyNotImport } from './layers.ts';

/** As much of a syntax tree as the rules look at (ESTree). */
interface SyntaxNode {
  type: string;
  [field: string]: unknown;
}

interface Context {
  filename: string;
  report(problem: { node: SyntaxNode; message: string }): void;
}

type Visitor = Record<string, (node: SyntaxNode) => void>;

interface Rule {
  create(context: Context): Visitor;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** A rule over every import of a file: static, re-exported, dynamic, and of types alone. */
function importRule(judge: (file: string, specifier: string) => string | null): Rule {
  return {
    create(context): Visitor {
      const file = projectPath(projectRoot, context.filename);
      const look = (node: SyntaxNode, source: unknown) => {
        if (!isNode(source) || typeof source.value !== 'string') return;
        const message = judge(file, source.value);
        if (message !== null) context.report({ node, message });
      };
      return {
        ImportDeclaration: (node) => look(node, node.source),
        ExportAllDeclaration: (node) => look(node, node.source),
        ExportNamedDeclaration: (node) => look(node, node.source),
        ImportExpression: (node) => look(node, node.source),
        TSImportType: (node) => look(node, node.source ?? node.argument),
        CallExpression: (node) => {
          const callee = node.callee;
          const [first] = node.arguments as unknown[];
          if (isNode(callee) && callee.type === 'Identifier' && callee.name === 'require') look(node, first);
        },
      };
    },
  };
}

/** The text of a member access, `Math.random`; null for anything else. */
function memberPath(node: unknown): string | null {
  if (!isNode(node) || node.type !== 'MemberExpression' || node.computed === true) return null;
  const { object, property } = node;
  return isNode(object) && object.type === 'Identifier' && isNode(property) ? `${String(object.name)}.${String(property.name)}` : null;
}

const imports = importRule((file, specifier) => whyNotImport(projectRoot, file, specifier));

const layers: Rule = {
  create(context): Visitor {
    if (layerOf(projectPath(projectRoot, context.filename)) !== 'unknown') return imports.create(context);
    return { Program: (node) => context.report({ node, message: 'No part of the house: name its folder in scripts/house/layers.ts, with what it may import, or move it to a folder that is named there.' }) };
  },
};

const doors = importRule((file, specifier) => {
  const door = doorPassed(projectRoot, file, specifier);
  return door === null ? null : `This reaches past ${door}: import what it exports, or export it there.`;
});

const features = importRule((file, specifier) => {
  const joined = joinedFeatures(file, specifier);
  return joined === null ? null : `The feature ${joined[0]} may not import the feature ${joined[1]}: what two features need moves to renderer/components.`;
});

const children = importRule((file, specifier) => {
  if (!/^(node:)?child_process$/.test(specifier)) return null;
  if (file.startsWith('electron/engine/children/') || ['test', 'scripts', 'bootstrap'].includes(layerOf(file))) return null;
  return 'Children are started by electron/engine/children alone, so that each hangs on a lifeline.';
});

const clockAndChance = 'The engine asks its ports for the time and for chance (electron/engine/ports.ts), so that tests can supply their own.';

/** What draws random numbers in Node's crypto, and in the one that is global. */
const draws = new Set(['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues']);

const ports: Rule = {
  create(context): Visitor {
    const file = projectPath(projectRoot, context.filename);
    if (layerOf(file) !== 'engine' || file === 'electron/engine/ports.ts') return {};
    const report = (node: SyntaxNode, what: string) => context.report({ node, message: `${what}: ${clockAndChance}` });
    return {
      NewExpression(node) {
        const { callee } = node;
        if (isNode(callee) && callee.name === 'Date' && (node.arguments as unknown[]).length === 0) report(node, 'new Date()');
      },
      CallExpression(node) {
        if (isNode(node.callee) && node.callee.type === 'Identifier' && node.callee.name === 'Date') report(node, 'Date()');
      },
      MemberExpression(node) {
        const path = memberPath(node);
        if (path === 'Date.now' || path === 'Math.random' || (path !== null && draws.has(path.slice(path.indexOf('.') + 1)))) report(node, path);
      },
      ImportSpecifier(node) {
        if (isNode(node.imported) && draws.has(String(node.imported.name))) report(node, String(node.imported.name));
      },
    };
  },
};

const platformAsked = 'Which system this runs on is asked in electron/engine/platform alone: what differs there is a file of that folder, with the platform as a parameter.';

/** Parts that are of one system or another by what they are for, or run before there is an engine. */
const mayAskPlatform = new Set(['main', 'preload', 'bootstrap', 'scripts', 'test', 'root']);

/** `process.platform`, and the ways around it: os.platform(), and taking it out of either by its name. */
const platform: Rule = {
  create(context): Visitor {
    const file = projectPath(projectRoot, context.filename);
    if (file.startsWith('electron/engine/platform/') || mayAskPlatform.has(layerOf(file))) return {};
    const report = (node: SyntaxNode) => context.report({ node, message: platformAsked });
    return {
      MemberExpression(node) {
        const path = memberPath(node);
        if (path === 'process.platform' || path === 'os.platform') report(node);
      },
      VariableDeclarator(node) {
        const { id, init } = node;
        if (!isNode(id) || id.type !== 'ObjectPattern' || !isNode(init) || (init.name !== 'process' && init.name !== 'os')) return;
        for (const property of id.properties as unknown[]) if (isNode(property) && isNode(property.key) && property.key.name === 'platform') report(property);
      },
      ImportSpecifier(node) {
        // Of the system's own modules alone: a file of ours may call its own things so.
        const { parent } = node;
        const source = isNode(parent) && isNode(parent.source) ? String(parent.source.value) : '';
        if (/^(node:)?(os|process)$/.test(source) && isNode(node.imported) && node.imported.name === 'platform') report(node);
      },
    };
  },
};

const windows: Rule = {
  create(context): Visitor {
    if (layerOf(projectPath(projectRoot, context.filename)) === 'main') return {};
    return {
      NewExpression(node) {
        const { callee } = node;
        const name = isNode(callee) && (callee.type === 'Identifier' ? callee.name : isNode(callee.property) ? callee.property.name : null);
        if (name === 'BrowserWindow') context.report({ node, message: 'Windows are made in electron/main alone, by its one factory.' });
      },
    };
  },
};

/** The one place that connects, where the key of every host is looked at. */
const sshDialer = 'electron/engine/ssh/dial.ts';

/** ssh2 takes any key for the right one where nobody looks at it. */
const sshClients: Rule = {
  create(context): Visitor {
    const file = projectPath(projectRoot, context.filename);
    if (layerOf(file) === 'test') return {};
    if (file === sshDialer) {
      return {
        CallExpression(node) {
          const { callee } = node;
          const [first] = node.arguments as unknown[];
          if (!isNode(callee) || callee.type !== 'MemberExpression' || !isNode(callee.property) || callee.property.name !== 'connect') return;
          const properties = isNode(first) && first.type === 'ObjectExpression' ? (first.properties as unknown[]) : [];
          const isLookedAt = properties.some((property) => isNode(property) && isNode(property.key) && property.key.name === 'hostVerifier');
          if (!isLookedAt) context.report({ node, message: 'Nobody is connected to whose key is not looked at: name a hostVerifier right here.' });
        },
      };
    }
    return {
      ImportDeclaration(node) {
        if (!isNode(node.source) || node.source.value !== 'ssh2' || node.importKind === 'type') return;
        for (const specifier of node.specifiers as SyntaxNode[]) {
          const imported = isNode(specifier.imported) ? specifier.imported.name : null;
          const local = isNode(specifier.local) ? specifier.local.name : null;
          const isClient = specifier.type === 'ImportSpecifier' && specifier.importKind !== 'type' && imported === 'Client';
          const isHidden = specifier.type !== 'ImportSpecifier' && local !== 'ssh2';
          if (isClient || isHidden) context.report({ node, message: `Connections over SSH are made in ${sshDialer} alone; the library is called ssh2.` });
        }
      },
      MemberExpression(node) {
        if (memberPath(node) === 'ssh2.Client') context.report({ node, message: `Connections over SSH are made in ${sshDialer} alone.` });
      },
    };
  },
};

/** Properties that put text into a page as markup. */
const markup = new Set(['dangerouslySetInnerHTML', 'innerHTML', 'outerHTML', 'insertAdjacentHTML', 'srcdoc', 'srcDoc']);

const noMarkup: Rule = {
  create(context): Visitor {
    if (layerOf(projectPath(projectRoot, context.filename)) === 'test') return {};
    const look = (node: SyntaxNode, name: unknown) => {
      if (isNode(name) && (markup.has(String(name.name)) || markup.has(String(name.value)))) {
        context.report({ node, message: 'Text is never put into a page as markup; let React render it.' });
      }
    };
    return {
      JSXAttribute: (node) => look(node, node.name),
      MemberExpression: (node) => look(node, node.property),
      Property: (node) => look(node, node.key),
    };
  },
};

const errorCodes: Rule = {
  create(context): Visitor {
    return {
      BinaryExpression(node) {
        if (node.operator === 'instanceof' && isNode(node.right) && node.right.name === 'PilothouseError') {
          context.report({ node, message: 'Errors are told apart by code, with hasCode or isPilothouseError: instanceof fails across processes.' });
        }
      },
    };
  },
};

export default {
  meta: { name: 'house' },
  rules: { layers, doors, features, children, platform, ports, windows, 'ssh-clients': sshClients, 'no-markup': noMarkup, 'error-codes': errorCodes },
};
