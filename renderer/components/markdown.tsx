/** A text in Markdown as a page. What it holds of HTML is shown as it is written, and pictures by their words. */
import type { Token } from 'markdown-it';
import { createElement, lazy, Suspense, type ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { mailHref, plainText } from './format.ts';

const plain: ReadonlySet<string> = new Set(['p', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'strong', 'em', 's', 'blockquote', 'hr', 'code']);
/** Headings of a text stand below those of the screen that shows it. */
const headings: Readonly<Record<string, string>> = { h1: 'h3', h2: 'h3', h3: 'h4', h4: 'h4', h5: 'h4', h6: 'h4' };

/** An address that leads out of the console is shown and not followed; a mail is begun. */
function linkOf(token: Token, inside: ReactNode[], key: number): ReactNode {
  const address = String(token.attrGet('href') ?? '');
  // To one address: what a link would put into the letter besides, nobody sees before it is sent.
  const mail = /^mailto:([^\s@?#&,;%]+@[^\s@?#&,;%]+)$/i.exec(address)?.[1];
  if (mail !== undefined) return <span key={key}><a href={mailHref(mail)}>{inside}</a>{inside.length === 1 && inside[0] === mail ? null : <span className="t3 mono break"> {mail}</span>}</span>;
  return <span key={key}>{inside}{address === '' ? null : <span className="t3 mono break"> {address}</span>}</span>;
}

function elementOf(token: Token, inside: ReactNode[], key: number): ReactNode {
  if (token.hidden) return inside;
  if (token.tag === 'a') return linkOf(token, inside, key);
  const tag = headings[token.tag] ?? (plain.has(token.tag) ? token.tag : 'div');
  const element = createElement(tag, { key }, ...inside);
  return tag === 'table' ? <div key={key} className="scroll" tabIndex={0} role="group" aria-label="Table">{element}</div> : element;
}

function leafOf(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'fence':
    case 'code_block':
      return <CodeBlock key={key} title={token.info.trim() || 'Text'} code={token.content.replace(/\n$/, '')} />;
    case 'inline':
      return treeOf(token.children ?? []);
    case 'code_inline':
      return <code key={key}>{token.content}</code>;
    case 'softbreak':
      return ' ';
    case 'hardbreak':
      return <br key={key} />;
    case 'hr':
      return <hr key={key} />;
    case 'image':
      return <span key={key} className="t3">[{token.content || 'picture'}]</span>;
    default:
      return token.content;
  }
}

function treeOf(tokens: readonly Token[]): ReactNode[] {
  const open: { token: Token; inside: ReactNode[] }[] = [];
  const whole: ReactNode[] = [];
  for (const [key, token] of tokens.entries()) {
    const here = open.at(-1)?.inside ?? whole;
    if (token.nesting === 1) open.push({ token, inside: [] });
    else if (token.nesting === 0) here.push(leafOf(token, key));
    else {
      const closed = open.pop();
      if (closed !== undefined) (open.at(-1)?.inside ?? whole).push(elementOf(closed.token, closed.inside, key));
    }
  }
  return whole;
}

const Parsed = lazy(async () => {
  const { default: MarkdownIt } = await import('markdown-it');
  const parser = new MarkdownIt({ html: false, linkify: false });
  return { default: ({ text }: { text: string }) => <div className="markdown">{treeOf(parser.parse(plainText(text), {}))}</div> };
});

/** Until its reader is there, and without it, the text is shown as it is written. */
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<pre className="break">{plainText(text)}</pre>}>
      <Parsed text={text} />
    </Suspense>
  );
}
